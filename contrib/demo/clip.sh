#!/bin/sh
# The demo recording: two views of one lecture, made from nothing but filters and a speech
# synthesiser, so that everything about them is known: 90 s, 1280x720, 25 frames per second; slides
# that change and a voice that pauses at fixed times; and in both views, at the very bottom left, the
# number of the frame as 16 black or white blocks of 32x32 pixels, most significant bit first.
#
# usage: clip.sh DIRECTORY [SECONDS]     writes cam.mp4, pres.mp4 and, last, demo.json into DIRECTORY
#
# Shorter clips are for tests: they keep the slides and pauses that fit.
set -eu
LC_ALL=C
export LC_ALL

dir=${1:?usage: clip.sh DIRECTORY [SECONDS]}
total=${2:-90}
font=${LECTERN_FONT:-/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf}
work=$(mktemp -d "$dir/.clip.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# start of the slide | end of the voice on it (the pause lasts until the next slide plus 0.5 s)
# | title | three lines of the slide | what is said. The voice starts 0.5 s after the slide.
slides() {
	cat <<'EOF'
0|11|How a lecture travels|A recording is uploaded in pieces|A worker prepares it|You press play|Welcome. This is a synthetic lecture about lectures. It shows how a recording travels from a camera in the hall to the screen in front of you.
15|26|1. The upload|One file for each view|It resumes after any break|Nothing is sent twice|The lecturer sends one file for each view. If the network breaks, the upload simply goes on where it stopped. Nothing that has arrived is ever sent twice.
30|40|2. The first generation|What complies is copied|Nothing is decoded|Watchable within seconds|Then a worker looks at the file. Whatever a browser can already play is copied, not encoded. So the lecture can be watched within seconds.
45|56|3. The full generation|Smaller sizes for slow lines|Even loudness|Chapters, silence, thumbnails|After that comes the full generation. It adds smaller sizes for slow lines, evens out the loudness, and finds the slides and the silences by itself.
60|71|4. Safe hands|Every process may die|Every job has a fence|Every file has a hash|Any process may die at any moment. Another one takes over, and a late report is refused. Every file carries a hash, so what you see is what was recorded.
75|86|5. Your turn|Seek with the thumbnails|Put both views side by side|Read the counter below|Now it is your turn. Seek with the thumbnails, put both views side by side, and read the counter at the bottom. It shows the number of the frame.
EOF
}

# The counter costs one conditional fill for each bit.
counter() {
	printf 'drawbox=x=0:y=ih-32:w=512:h=32:color=black:t=fill'
	bit=32768
	x=0
	while [ "$bit" -gt 0 ]; do
		printf ",drawbox=x=%d:y=ih-32:w=32:h=32:color=white:t=fill:enable='bitand(n\\,%d)'" "$x" "$bit"
		bit=$((bit / 2))
		x=$((x + 32))
	done
}

# speak SECONDS FILE TEXT: the text, spoken so that it lasts exactly SECONDS.
speak() {
	espeak-ng -v en-gb -s 160 -z -w "$work/raw.wav" "$3"
	bytes=$(($(wc -c <"$work/raw.wav") - 44))
	tempo=$(awk "BEGIN { t = $bytes / 2 / 22050 / $1; print t < 0.5 ? 0.5 : t }")
	ffmpeg -nostdin -v error -y -i "$work/raw.wav" -af "atempo=$tempo,apad,atrim=0:$1" -ar 48000 "$2"
}

text() { # text FILE SIZE X Y COLOUR: one line of a slide
	printf "drawtext=fontfile='%s':textfile='%s':fontsize=%d:x=%d:y=%d:fontcolor=%s" "$font" "$1" "$2" "$3" "$4" "$5"
}

echo 'the voice speaks'
n=0
starts=
silences=
graph=
chain=
sound=
mixed=
previous=0
slides >"$work/slides"
while IFS='|' read -r from until title one two three said; do
	[ "$from" -lt "$total" ] || break
	[ "$until" -le "$total" ] || until=$total
	printf '%s' "$title" >"$work/title$n"
	printf '%s' "$one" >"$work/one$n"
	printf '%s' "$two" >"$work/two$n"
	printf '%s' "$three" >"$work/three$n"
	length=$(awk "BEGIN { print $until - $from - 0.5 }")
	if [ "$(awk "BEGIN { print ($length >= 1) }")" = 1 ]; then
		speak "$length" "$work/said$n.wav" "$said"
		sound="$sound -i $work/said$n.wav"
		graph="${graph}[$n:a]adelay=$((from * 1000 + 500)):all=1[a$n];"
		mixed="${mixed}[a$n]"
	else
		break
	fi
	[ "$n" -eq 0 ] || silences="${silences}[$previous,$from.5],"
	previous=$until
	starts="$starts$from,"
	eval "from$n=\$from"
	n=$((n + 1))
done <"$work/slides"
[ "$previous" -ge "$total" ] || silences="${silences}[$previous,$total],"

# The voice of all slides, with a faint, steady noise as in a lecture hall.
cd "$work"
# shellcheck disable=SC2086 # a list of arguments without spaces: names inside $work, relative below
sound=$(printf '%s' "$sound" | sed "s|$work/||g")
# shellcheck disable=SC2086
ffmpeg -nostdin -v error -y $sound -filter_complex \
	"$graph${mixed}amix=inputs=$n:duration=longest:normalize=0,volume=0.6,apad,atrim=0:${total}[v];
	anoisesrc=r=48000:c=pink:a=0.0008:seed=7:d=${total}[n];[v][n]amix=inputs=2:duration=first:normalize=0,aformat=channel_layouts=stereo" \
	voice.wav

echo 'slides and camera are drawn'
i=0
graph=
while [ "$i" -lt "$n" ]; do
	# shellcheck disable=SC2034 # used by eval
	next=$total frames=0
	[ $((i + 1)) -ge "$n" ] || eval "next=\$from$((i + 1))"
	eval "frames=\$(((next - from$i) * 25))"
	graph="${graph}color=c=0xf7f5f0:s=1280x720:r=25:d=0.04,drawbox=x=0:y=0:w=1280:h=12:color=0x1f4e79:t=fill,
		drawbox=x=1120:y=664:w=120:h=6:color=0xd9d4c7:t=fill,
		drawbox=x=1120:y=664:w=$((120 * (i + 1) / n)):h=6:color=0x1f4e79:t=fill,
		$(text "title$i" 60 90 90 0x1f4e79),$(text "one$i" 40 130 250 0x222222),
		$(text "two$i" 40 130 350 0x222222),$(text "three$i" 40 130 450 0x222222),
		drawbox=x=92:y=262:w=14:h=14:color=0xc8553d:t=fill,drawbox=x=92:y=362:w=14:h=14:color=0xc8553d:t=fill,
		drawbox=x=92:y=462:w=14:h=14:color=0xc8553d:t=fill,format=yuv420p,loop=loop=$((frames - 1)):size=1[s$i];"
	chain="${chain}[s$i]"
	i=$((i + 1))
done
h264='-c:v libx264 -preset ultrafast -pix_fmt yuv420p -g 50 -keyint_min 50 -sc_threshold 0 -colorspace bt709 -color_primaries bt709 -color_trc bt709 -color_range tv'
aac='-c:a aac -b:a 128k -ac 2 -ar 48000 -movflags +faststart -map_metadata -1'
# shellcheck disable=SC2086
ffmpeg -nostdin -v error -y -i voice.wav -filter_complex \
	"$graph${chain}concat=n=$n:v=1:a=0,setpts=N/25/TB,$(counter)[v]" \
	-map '[v]' -map 0:a -t "$total" -r 25 $h264 -crf 20 $aac pres.mp4 &
pres=$!

# The camera: a lectern before a board, and the voice as a wave that moves with it.
printf 'Demo University, lecture hall 1' >hall
# shellcheck disable=SC2086
ffmpeg -nostdin -v error -y -i voice.wav -filter_complex \
	"[0:a]asplit=2[a][w];[w]volume=3,showwaves=s=900x200:r=25:mode=cline:colors=0x8fd3c8:split_channels=0[wave];
	color=c=0xe0b64a:s=18x18:r=25:d=0.04,loop=loop=-1:size=1[dot];
	color=c=0x26323d:s=1280x720:r=25:d=0.04,drawbox=x=140:y=70:w=1000:h=360:color=0x1c4a43:t=fill,
	drawbox=x=140:y=70:w=1000:h=360:color=0x8a6a45:t=10,drawbox=x=0:y=600:w=1280:h=120:color=0x3b2f26:t=fill,
	drawbox=x=560:y=470:w=160:h=170:color=0x8a6a45:t=fill,drawbox=x=535:y=450:w=210:h=26:color=0xa9855a:t=fill,
	$(text hall 30 180 100 0xe8e4d8),format=yuv420p,loop=loop=$((total * 25 - 1)):size=1,setpts=N/25/TB[room];
	[room][wave]overlay=x=190:y=190[talk];[talk][dot]overlay=x=631+500*sin(t/3):y=560:shortest=0:eof_action=repeat,setpts=N/25/TB,$(counter)[v]" \
	-map '[v]' -map '[a]' -t "$total" -r 25 $h264 -bf 2 -crf 23 $aac cam.mp4
wait "$pres"

mv cam.mp4 "$dir/cam.mp4"
mv pres.mp4 "$dir/pres.mp4"
printf '{"duration":%d,"fps":25,"frames":%d,"width":1280,"height":720,"counter":{"bits":16,"block":32},"slides":[%s],"silences":[%s]}\n' \
	"$total" $((total * 25)) "${starts%,}" "${silences%,}" >demo.json
mv demo.json "$dir/demo.json"

#!/bin/sh
# What becomes of a recording: the media code on real files, good and bad, through the sandbox.
# Each source is made here by lavfi, short, and has one expected outcome: a lecture of stated shape or a refusal
# with a stated code.
# instance: none
# timeout: 1200
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/media}" "${LECTERN_BUILD:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
run=$LECTERN_BUILD/media_run sandbox=$LECTERN_BUILD/lectern-sandbox
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp" || exit 1
[ -x "$run" ] && [ -x "$sandbox" ] || make -s -C "$LECTERN_BUILD" media_run lectern-sandbox >&2 || exit 1

ff() { timeout 60 ffmpeg -nostdin -v error -y "$@" || echo "# cannot make a source: $*"; }
x264='-c:v libx264 -preset ultrafast -pix_fmt yuv420p'

# becomes NAME FILE VIEW FILTER: a lecture whose description satisfies the jq filter
becomes() {
	rm -rf out
	"$run" "$2" "$3" out >out.json 2>out.err
	jq -e "if .error then false else ($4) end" out.json >/dev/null 2>&1
	rc=$?
	[ $rc -eq 0 ] || jq -c '{error, words: [.plan.words[]?.key], video: .probe.video, full: (.full | if . then
		{renditions, duration, audio, chapters, silences, loudness} else . end)}' out.json >>out.err
	ok $rc "$1" out.err
}
# refused NAME FILE CODE
refused() {
	rm -rf out
	"$run" "$2" CAM out >out.json 2>out.err
	jq -e ".error.code == \"$3\" and .error.permanent and (.error.text | length > 10) and (.full | not)" \
		out.json >/dev/null 2>&1
	ok $? "$1" out.json
}
said() { echo "([.plan.words[].key] | index(\"$1\") != null)"; }
whole='(.full.files | map(.name) | contains(["master.m3u8", "poster.jpg", "thumbs.jpg", "thumbs.vtt", "download.mp4"]))'

# --- sources -------------------------------------------------------------------------------------------------
# speech-like: tone with pauses of 4 s at 3 and 11, on a floor of noise
ff -f lavfi -i "testsrc2=s=640x360:r=25:d=18" \
	-f lavfi -i "aevalsrc='0.12*sin(2*PI*330*t)*(1-between(t,3,7)-between(t,11,15))*(0.6+0.4*sin(9*t))':d=18:s=48000" \
	-f lavfi -i "anoisesrc=color=pink:amplitude=0.003:r=48000:d=18:seed=1" \
	-filter_complex "[1][2]amix=inputs=2:duration=first:normalize=0[a]" -map 0:v -map "[a]" \
	$x264 -g 50 -bf 2 -c:a aac -ac 2 -b:a 96k good.mp4
# three pages at 0, 6 and 12 s, two of them light
ff -f lavfi -i "color=white:s=640x360:r=25:d=6,drawbox=40:40:200:60:black:fill" \
	-f lavfi -i "color=white:s=640x360:r=25:d=6,drawbox=80:200:400:90:gray:fill" \
	-f lavfi -i "color=navy:s=640x360:r=25:d=7" -f lavfi -i "sine=f=300:d=19,volume=0.4" \
	-filter_complex "[0][1][2]concat=n=3,format=yuv420p[v]" -map "[v]" -map 3:a $x264 -g 400 -c:a aac slides.mp4
ff -f lavfi -i "testsrc2=s=320x240:r=25:d=3" -f lavfi -i "sine=d=3" $x264 -g 50 -c:a aac -ac 2 -movflags +faststart small.mp4

# --- the main way --------------------------------------------------------------------------------------------
becomes 'camera: copied at once, top copied, one rung encoded' good.mp4 CAM "
	.quick.renditions[0].copied and .full.renditions[0].copied and (.full.renditions | length == 1) and $whole
	and .full.renditions[0].frames == 450 and .quick.renditions[0].frames == 450 and $(said top_copied)"
jq -e '.full.loudness | (.after + 18 | fabs) <= 1 and .after_peak <= -1' out.json >/dev/null
ok $? 'loudness -18 LUFS, true peak under -1 dBTP' out.json
jq -e '.full.silences | length == 2 and (.[0][0] - 3 | fabs) < 0.1 and (.[0][1] - 7 | fabs) < 0.1 and
	(.[1][0] - 11 | fabs) < 0.1 and (.[1][1] - 15 | fabs) < 0.1' out.json >/dev/null
ok $? 'both pauses found, to a tenth of a second' out.json
grep -q 'CODECS="avc1\.[0-9a-f]*,mp4a.40.2"' out/full/master.m3u8 && grep -q 'xywh=160,0,160,90' out/full/thumbs.vtt
ok $? 'playlist names the codecs, thumbnails their places'
rc=0
for f in v360 audio; do
	sum=$(sha256sum <"out/full/$f.mp4" | cut -d' ' -f1)
	jq -e --arg n "$f.mp4" --arg s "$sum" '.full.files | any(.name == $n and .sha256 == $s)' out.json >/dev/null || rc=1
done
ok $rc 'hashes are those of the files'
ffmpeg -nostdin -v error -i out/full/download.mp4 -f null - 2>dl.err && [ ! -s dl.err ] &&
	[ "$(ffprobe -v error -show_entries stream=codec_type -of csv=p=0 out/full/download.mp4 | sort | tr '\n' ' ')" = 'audio video ' ]
ok $? 'the download plays, with sound' dl.err
ffmpeg -nostdin -v error -i out/full/master.m3u8 -map 0:v -map 0:a -f null - 2>hls.err && [ ! -s hls.err ]
ok $? 'the playlist plays' hls.err

becomes 'slides: still pictures dropped, both changes found, ends with the sound' slides.mp4 PRES "
	.quick == null and .full.renditions[0].frames < 40 and (.full.renditions[0].duration - 19 | fabs) < 0.05
	and (.full.chapters | length == 2 and (.[0] - 6 | fabs) < 0.1 and (.[1] - 12 | fabs) < 0.1)
	and $(said reason_gop) and $(said slides_still) and $whole"
keys=$(ffprobe -v error -show_entries packet=pts_time,flags -of csv=p=0 out/full/v360.mp4 | grep -c K)
[ "$keys" -eq 5 ] && ! grep -q 'EXTINF:0\.0' out/full/v360.m3u8 && grep -q 'TARGETDURATION:4' out/full/v360.m3u8
ok $? 'slides: a keyframe every four seconds, no empty segment' out/full/v360.m3u8
sed -n 's/#EXTINF:\([0-9.]*\),/\1/p' out/full/v360.m3u8 | awk '{ s += $1 } END { exit s < 18.99 || s > 19.01 }'
ok $? 'slides: the playlist is as long as the lecture' out/full/v360.m3u8

# the same with a counter at the bottom left, of which many digits flip at once, and a clock beside it
ff -i slides.mp4 -vf "drawbox=x=0:y=ih-24:w=400:h=24:color=white:t=fill:enable='between(mod(t,4),2,4)',drawbox=x=iw-80:y=ih-20:w=80:h=20:color=black:t=fill:enable='lt(mod(t,1),0.5)'" \
	$x264 -g 250 -c:a copy clock.mp4
becomes 'slides with a counter at the bottom: only the pages are chapters' clock.mp4 PRES "
	(.full.chapters | length == 2 and (.[0] - 6 | fabs) < 0.1 and (.[1] - 12 | fabs) < 0.1)"

# --- every kind of bad source ---------------------------------------------------------------------------------
ff -f lavfi -i "testsrc2=s=1280x720:r=25:d=3" -f lavfi -i "sine=d=3" $x264 -g 25 -c:a aac -ac 2 hd.mp4
becomes '720p: rungs on the keyframes of the copied top' hd.mp4 CAM "
	(.full.renditions | map(.height)) == [720, 360] and .full.renditions[0].copied
	and (.full.renditions[1].copied | not) and .full.renditions[1].frames == 75"
head -c $(($(wc -c <small.mp4) / 2)) small.mp4 >truncated.mp4
refused 'truncated MP4: refused, asks for another upload' truncated.mp4 unreadable
ff -i small.mp4 -c copy -bsf:v h264_mp4toannexb -f mpegts small.ts
head -c $(($(wc -c <small.ts) / 2)) small.ts >truncated.ts
becomes 'truncated MPEG-TS: a lecture of what is there' truncated.ts CAM ".full.duration > 1 and .full.duration < 2.5"
becomes 'MPEG-TS: copied' small.ts CAM ".quick.renditions[0].frames == 75 and .full.renditions[0].copied"
cp small.mp4 nomoov.mp4 && dd if=/dev/zero of=nomoov.mp4 bs=1 seek=32 count=4000 conv=notrunc status=none
refused 'index destroyed' nomoov.mp4 unreadable
cp good.mp4 flipped.mp4
size=$(wc -c <good.mp4) i=0
while [ $i -lt 60 ]; do
	printf '\377\000\125' | dd of=flipped.mp4 bs=1 seek=$((2000 + i * (size / 2 - 4000) / 60)) conv=notrunc status=none
	i=$((i + 1))
done
becomes 'corrupt pictures: concealed by encoding, the top is not copied' flipped.mp4 CAM "
	(.full.renditions | all(.copied | not)) and .full.renditions[0].frames == 450"
: >empty.mp4
refused 'empty file' empty.mp4 unreadable
head -c 20000 /dev/urandom >noise.mp4
refused 'random bytes' noise.mp4 unreadable
ff -f lavfi -i sine=d=3 -c:a aac audio.m4a
refused 'sound only' audio.m4a no_video
ff -f lavfi -i sine=d=3 -f lavfi -i color=red:s=64x64:r=1:d=1 -map 0 -map 1 -c:v mjpeg -c:a libmp3lame -disposition:v attached_pic cover.mp3
refused 'sound with a cover picture' cover.mp3 no_video
ff -i small.mp4 -an -c copy mute.mp4
becomes 'video only: a lecture without sound' mute.mp4 CAM ".full.audio == null and .full.loudness == null and .quick.audio == null and $(said no_audio) and $whole"
ff -i small.mp4 -t 0.5 -c copy short.mp4
refused 'half a second' short.mp4 too_short
ff -f lavfi -i "testsrc2=s=640x360:r=25:d=2" -f lavfi -i "sine=d=2" $x264 -c:a aac turned0.mp4
ff -i turned0.mp4 -c copy -metadata:s:v rotate=90 turned.mp4
becomes 'rotated phone video: upright, encoded' turned.mp4 CAM ".full.renditions[0].width < .full.renditions[0].height
	and $(said reason_rotated) and .quick == null"
ff -f lavfi -i "testsrc2=s=320x240:r=50:d=2" -f lavfi -i "sine=d=2" -vf "interlace" -c:v libx264 -preset ultrafast -flags +ildct+ilme -c:a aac interlaced.mp4
becomes 'interlaced: joined' interlaced.mp4 CAM "$(said reason_interlaced) and .plan.full.deinterlace"
ff -f lavfi -i "testsrc2=s=322x242:r=25:d=2" -vf "crop=321:241:exact=1,format=yuv444p" -c:v libx264 -preset ultrafast odd.mp4
becomes 'odd size and 4:4:4: even and 4:2:0' odd.mp4 CAM "
	.full.renditions[0].width == 320 and .full.renditions[0].height == 240 and $(said reason_odd_size)"
ff -f lavfi -i "testsrc2=s=320x240:r=30:d=3" -f lavfi -i "sine=d=3" -vf "select='not(mod(n,7))+not(mod(n,4))'" -fps_mode vfr $x264 -c:a aac vfr.mp4
becomes 'variable rate: made steady' vfr.mp4 CAM "$(said reason_unsteady) and (.full.duration - 3 | fabs) < 0.2"
ff -f lavfi -i "testsrc2=s=640x360:r=10:d=4" -f lavfi -i "sine=d=4" -c:v libx264 -preset veryfast -c:a aac ten.mp4
becomes 'ten frames a second with B-frames: pictures and sound begin and end together' ten.mp4 CAM "
	(.full.duration - 4 | fabs) < 0.01 and (.full.audio.duration - 4 | fabs) < 0.03 and .full.renditions[0].duration == 4"
ff -f lavfi -i "testsrc2=s=320x240:r=25:d=2" -f lavfi -i "sine=d=2" -af "pan=5.1|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0" $x264 -c:a aac surround.mp4
becomes '5.1: mixed down to stereo, video copied' surround.mp4 CAM "
	.full.audio.channels == 2 and .quick.audio.channels == 2 and $(said audio_mixed_down) and .full.renditions[0].copied"
ff -f lavfi -i "testsrc2=s=320x240:r=25:d=2" -pix_fmt yuv420p10le -c:v libx265 -preset ultrafast -x265-params log-level=none hevc10.mp4
becomes 'HEVC with 10 bits: encoded' hevc10.mp4 CAM "$(said reason_codec) and (.full.renditions[0].codec | startswith(\"avc1.64\"))"
ff -f lavfi -i "testsrc2=s=3840x2160:r=10:d=1.2" $x264 4k.mp4
becomes '4K: 1080, 720 and 360' 4k.mp4 CAM "(.full.renditions | map(.height)) == [1080, 720, 360] and $(said reason_size)"
ff -f lavfi -i "testsrc2=s=320x240:r=25:d=2" -f lavfi -i "sine=d=2" -c:v libvpx -deadline realtime -cpu-used 8 -c:a libopus -f webm -live 1 - </dev/null >browser.webm
becomes "browser's WebM without a duration" browser.webm CAM "(.full.duration - 2 | fabs) < 0.2 and $(said reason_codec)"
ff -f lavfi -i "testsrc2=s=320x240:r=25:d=2" $x264 -g 25 one.ts
ff -f lavfi -i "testsrc2=s=240x240:r=25:d=2" $x264 -g 25 -output_ts_offset 2 two.ts
cat one.ts two.ts >changes.ts
becomes 'size changes on the way: one size, nothing lost' changes.ts CAM "
	$(said reason_changes) and (.full.renditions | length == 1) and .full.renditions[0].frames == 100"
ff -i small.mp4 -af apad=pad_dur=5 -c:v copy -c:a aac longer.mp4
becomes 'sound goes on for five seconds: the last picture is held' longer.mp4 CAM "
	(.full.duration - 8 | fabs) < 0.3 and $(said reason_audio_longer)"
ff -f lavfi -i "testsrc2=s=320x240:r=25:d=3" -f lavfi -i "sine=d=2" $x264 -g 50 -c:a aac early.mp4
becomes 'sound ends a second early: silence to the end' early.mp4 CAM "
	(.full.audio.duration - 3 | fabs) < 0.2 and $(said audio_fitted) and .full.renditions[0].copied"
# a phone or editor that trims a recording leaves all of it in the file and adds an edit list
ff -ss 1 -i small.mp4 -c copy trimmed.mp4
becomes 'trimmed: what was cut away is not shown again' trimmed.mp4 CAM "$(said reason_trimmed) and .quick == null
	and .full.renditions[0].frames == 50 and .full.renditions[0].duration == 2"
ff -i good.mp4 -c copy -f flv whole.flv
head -c "$(($(stat -c %s whole.flv) - 3000))" whole.flv >torn.flv
becomes 'an FLV that ends within a packet is not damaged' torn.flv CAM "
	.full.renditions[0].copied and .full.renditions[0].frames >= 440 and .full.renditions[0].frames < 450"
ff -i small.mp4 -itsoffset 1.5 -i small.mp4 -map 0:v -map 1:a -c copy late.mp4
becomes 'sound begins late: it stays where it was' late.mp4 CAM "(.full.duration - 3 | fabs) < 0.1"
ffmpeg -nostdin -v info -i out/full/audio.mp4 -af silencedetect=n=-50dB:d=1 -f null - 2>&1 |
	sed -n 's/.*silence_end: \([0-9.]*\).*/\1/p' >begins
awk '{ n++; if ($1 < 1.49 || $1 > 1.51) bad = 1 } END { exit bad || n != 1 }' begins
ok $? '… to a hundredth of a second' begins
ff -i small.mp4 -c copy -output_ts_offset 3600 -f mpegts hour.ts
cat small.ts hour.ts small.ts >clocks.ts
becomes 'MPEG-TS whose clock jumps an hour ahead and back: one lecture without a gap' clocks.ts CAM "
	(.full.duration - 9 | fabs) < 0.1 and .quick.renditions[0].frames == 225 and .full.renditions[0].copied"
ff -i ten.mp4 -c copy ten.avi
becomes 'AVI with B-frames, whose pictures have no times: encoded' ten.avi CAM "$(said reason_untimed) and (.full.duration - 4 | fabs) < 0.3"
ff -i small.mp4 -f lavfi -i "sine=f=900:d=3:r=8000" -timecode 10:00:00:00 -map 0 -map 1:a -c:v copy -c:a:0 copy -c:a:1 aac \
	-ac:a:1 1 -disposition:a:0 0 -disposition:a:1 default tracks.mov
becomes 'MOV with a timecode and two sound tracks: the default one, 8 kHz mono, from its first sample' tracks.mov CAM "
	.probe.audio.rate == 8000 and .probe.audio.start == 0 and .full.audio.channels == 1 and .full.renditions[0].copied"
# tracks N: ten.mp4, whose index comes last, with its last track N times more
tracks() {
	perl -e '
		local $/;
		my $file = <STDIN>;
		my ($at, $in, $track) = (0, 8);
		$at += unpack("N", substr($file, $at, 4)) while substr($file, $at + 4, 4) ne "moov";
		my $index = substr($file, $at, unpack("N", substr($file, $at, 4)));
		for (; $in < length $index; $in += unpack("N", substr($index, $in, 4))) {
			$track = substr($index, $in, unpack("N", substr($index, $in, 4))) if substr($index, $in + 4, 4) eq "trak";
		}
		$index .= $track x $ARGV[0];
		substr($index, 0, 4) = pack("N", length $index);
		print substr($file, 0, $at), $index' "$1" <ten.mp4
}
tracks 126 >tracks.mp4
becomes 'as many tracks as there may be' tracks.mp4 CAM '.full.duration > 3.9 and .full.audio'
for n in 127 10000; do
	tracks "$n" >tracks.mp4
	refused "$n tracks more than two: refused in words" tracks.mp4 too_many_tracks
done
# shellcheck disable=SC2046 # words
ff -i small.mp4 -map 0:v $(yes -- '-map 0:a' | head -n 200) -c copy -f matroska tracks.mkv
refused '201 tracks of Matroska: refused in words' tracks.mkv too_many_tracks
# shellcheck disable=SC2046 # words
ff -v fatal -i small.mp4 $(yes -- '-map 0:a' | head -n 150) -map 0:v -c:v copy -c:a copy -f mpegts tracks.ts
refused '151 tracks of MPEG-TS, of which FFmpeg would read some: the same' tracks.ts too_many_tracks
secret=$tmp/secret.ts && cp small.ts "$secret"
printf '#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n%s\n#EXT-X-ENDLIST\n' "$secret" >playlist.mp4
printf 'ffconcat version 1.0\nfile %s\n' "$secret" >concat.mp4
printf '#!/bin/sh\ntouch %s/ran\n' "$tmp" >script.mp4
for f in playlist concat script; do
	refused "a $f that calls itself mp4" $f.mp4 unreadable
done

# --- the sandbox ---------------------------------------------------------------------------------------------
mkdir -p in box && cp small.mp4 in/ && echo secret >other.txt
"$sandbox" --read "$tmp/in/small.mp4" --write "$tmp/box" --mem 6442450944 --nice 5 -- /usr/bin/ffmpeg -v error -nostdin -y \
	-i "file:$tmp/in/small.mp4" -c:v libx264 -preset ultrafast "$tmp/box/x.mp4" 2>sb.err && [ -s box/x.mp4 ]
ok $? 'sandbox: an encode works' sb.err
! "$sandbox" --read "$tmp/in/small.mp4" -- /bin/cat "$tmp/other.txt" 2>sb.err && grep -q 'Permission denied' sb.err &&
	! "$sandbox" -- /bin/cat /etc/passwd 2>sb.err && grep -q 'Permission denied' sb.err
ok $? 'sandbox: other files cannot be read' sb.err
! "$sandbox" --write "$tmp/box" -- /usr/bin/touch "$tmp/in/y" 2>sb.err && [ ! -e in/y ]
ok $? 'sandbox: nothing is written elsewhere' sb.err
! "$sandbox" -- /usr/bin/ffprobe -v error http://127.0.0.1:9/ 2>sb.err && grep -q 'not permitted' sb.err
ok $? 'sandbox: no network' sb.err
! "$sandbox" -- /usr/bin/unshare -r true 2>sb.err && ! "$sandbox" -- /usr/bin/mount -t tmpfs x "$tmp/in" 2>sb.err
ok $? 'sandbox: no namespaces, no mounts' sb.err
"$sandbox" --write "$tmp/box" --fsize 100000 -- /bin/dd if=/dev/zero of="$tmp/box/big" bs=50000 count=10 2>sb.err
[ $? -ne 0 ] && [ "$(wc -c <box/big)" -le 100000 ]
ok $? 'sandbox: file size limit' sb.err
"$sandbox" --cpu 1 -- /bin/sh -c 'while :; do :; done' 2>sb.err
[ $? -ge 128 ]
ok $? 'sandbox: processor time limit'
[ "$(nice -n 12 "$sandbox" --nice 5 -- /usr/bin/nice)" = "$(nice -n 12 nice)" ] &&
	[ "$("$sandbox" --nice 19 -- /usr/bin/nice)" = 19 ]
ok $? 'sandbox: the niceness grows and never shrinks'
# unharmed WORD...: the command must not end another process of the same user; that process ends by the test's own signal
unharmed() {
	sleep 60 &
	other=$!
	"$sandbox" -- "$@" "$other" >sb.err 2>&1
	kill "$other" 2>>sb.err
	wait "$other"
	[ $? -eq 143 ]
}
case $(uname -m) in aarch64) tgkill=131 ;; *) tgkill=234 ;; esac
"$sandbox" -- /usr/bin/perl -e "exit(syscall($tgkill, \$\$ + 0, \$\$ + 0, 0) == 0 ? 0 : 1)" &&
	unharmed /usr/bin/perl -e "syscall($tgkill, \$ARGV[0] + 0, \$ARGV[0] + 0, 9)"
ok $? 'sandbox: signals reach nobody else' sb.err
# F_SETOWN, F_SETSIG, O_ASYNC: the kernel sends the signal
unharmed /usr/bin/perl -e 'pipe(R, W); fcntl(R, 8, $ARGV[0] + 0); fcntl(R, 10, 9); fcntl(R, 4, 020000); syswrite(W, "x")'
ok $? 'sandbox: nor by way of a file that changes' sb.err
! "$sandbox" -- /bin/sh -c '(/bin/true); exit 0' 2>sb.err && grep -q 'fork' sb.err
ok $? 'sandbox: it stays one process' sb.err
SECRET=x FFREPORT=file=/tmp/x "$sandbox" -- /usr/bin/env >sb.err 2>&1 && ! grep -q 'SECRET\|FFREPORT' sb.err
ok $? 'sandbox: the environment stays outside' sb.err
"$sandbox" -- /bin/grep -q 'NoNewPrivs:.*1' /proc/self/status && "$sandbox" -- /bin/grep -q 'Seccomp:.*2' /proc/self/status
ok $? 'sandbox: no new privileges'

# --- limits of a run: real sources, limits that they reach ------------------------------------------------------
# stopped NAME CODE PERMANENT WORDS VARIABLE=VALUE FILE
stopped() {
	rm -rf out
	env "$5" "$run" "$6" CAM out >out.json 2>out.err
	jq -e ".error.code == \"$2\" and .error.permanent == $3 and (.error.text | test(\"$4\")) and (.full | not)" \
		out.json >/dev/null 2>&1
	ok $? "$1" out.json
}
ff -f lavfi -i "testsrc2=s=640x360:r=25:d=40,noise=alls=40:allf=t" $x264 -crf 30 -g 50 noisy.mp4
stopped 'a run that writes too much is stopped, in words' too_large true 'far more than' MEDIA_RUN_FILE_MOST=300000 noisy.mp4
stopped 'a run that computes too long is stopped, in words' timeout true 'computing time' MEDIA_RUN_CPU_MOST=1 noisy.mp4
if mkdir out.disk && mount -t tmpfs -o size=66m lectern-media out.disk 2>/dev/null; then
	"$run" noisy.mp4 CAM out.disk >out.json 2>out.err
	jq -e '.error.code == "disk_full" and (.error.permanent | not) and (.full | not)' out.json >/dev/null 2>&1 &&
		[ "$(df --output=avail -B1M out.disk | tail -n 1)" -ge 50 ]
	ok $? 'a run that meets a full disk stops before others do' out.json
	umount out.disk
else
	skip 'a full disk' 'no right to mount a small file system'
fi

end

#!/bin/sh
# Media: our second generation (levelled sound, all renditions, thumbnails, verification) against three plain FFmpeg runs
# of the same renditions, and against the commands of the peer, which makes one rendition and decodes again for each
# by-product. CPU seconds, bytes and SSIM against the source; ratios from one run on one machine. In a clip of 12 seconds
# the start of seven programs counts as much as seconds of video; in a lecture it does not: so the camera is also measured
# with a clip five times as long, against the plain runs only.
# Usage: ./lectern bench media
set -eu
: "${LECTERN_BUILD:?run me by ./lectern bench media}"
run=$LECTERN_BUILD/media_run
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' INT TERM
cd "$tmp"
make -s -C "$LECTERN_BUILD" media_run lectern-sandbox >&2
camera=12 pages=32 again=4
ff() { ffmpeg -nostdin -hide_banner -v error -y "$@"; }

# cpu COMMAND…: user and system seconds of the command into $spent
cpu() {
	spent=$( ("$@" >/dev/null 2>cpu.err || { cat cpu.err >&2; exit 1; }; times) |
		awk 'NR == 2 { for (i = 1; i <= 2; i++) { split($i, t, "m"); sub("s", "", t[2]); s += t[1] * 60 + t[2] } } END { printf "%.1f", s }')
}
# ssim FILE: mean over all frames against the source $src at the file's size
ssim() {
	size=$(ffprobe -v error -select_streams v -show_entries stream=width,height -of csv=p=0:s=x "$1")
	ffmpeg -nostdin -hide_banner -v info -i "$1" -i "$src" -filter_complex \
		"[0:v]setpts=PTS-STARTPTS,fps=25[a];[1:v]setpts=PTS-STARTPTS,fps=25,scale=${size%x*}:${size#*x}:flags=bicubic[b];[a][b]ssim" \
		-an -f null - 2>&1 | sed -n 's/.*All:\([0-9.]*\).*/\1/p'
}
bytes() { cat "$@" | wc -c; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
row() { printf '%-34s %9s %12s %9s %9s\n' "$@"; }

echo "making sources: camera $camera s, slides $pages s, 1080p" >&2
ff -f lavfi -i "mandelbrot=s=1920x1080:r=25:start_scale=0.5,trim=start_frame=20:end_frame=21,gblur=1.2" -frames:v 1 bg.png
ff -loop 1 -framerate 25 -i bg.png -f lavfi -i "mandelbrot=s=520x820:r=25:end_scale=0.02:end_pts=4000:maxiter=200" \
	-f lavfi -i "testsrc2=s=960x540:r=25" -f lavfi -i "anoisesrc=color=pink:amplitude=0.1:r=48000" -filter_complex \
	"[0:v]format=yuv420p,eq=contrast=0.8[bg];[2:v]format=yuva420p,colorchannelmixer=aa=0.25[pr];[bg][pr]overlay=900:80[a];[1:v]format=yuv420p,hue=s=0.5,gblur=0.8[l];[a][l]overlay=x='700+500*sin(t/7)+20*sin(t*2.1)':y='240+6*sin(t*1.7)',noise=alls=4:allf=t,format=yuv420p[v]" \
	-map "[v]" -map 3:a -t $camera -c:v libx264 -preset veryfast -b:v 8M -maxrate 8M -bufsize 16M -g 50 -c:a aac camera.mp4
ff -f lavfi -i "mandelbrot=s=1920x1080:r=1:start_scale=0.4,trim=end_frame=4,setpts=N*8/TB" -f lavfi -i "anoisesrc=color=pink:amplitude=0.1:r=48000" \
	-vf "drawbox=100:80:900:120:white:fill,drawbox=120:300:700:30:black:fill,drawbox=120:380:760:30:black:fill,fps=25,tpad=stop_mode=clone:stop_duration=8,format=yuv420p" \
	-t $pages -c:v libx264 -preset veryfast -crf 18 -g 250 -c:a aac slides.mp4

plain() { # plain FILE CRF GOP
	for h in 1080 720 360; do
		ff -i "$1" -vf "scale=-2:$h" -c:v libx264 -preset veryfast -crf "$2" -g "$3" -keyint_min "$3" -sc_threshold 0 -c:a aac -b:a 128k \
			-f hls -hls_time 4 -hls_playlist_type vod -hls_segment_type fmp4 -hls_flags single_file "plain$h.m3u8" </dev/null
	done
}
# The peer's commands, from its documentation: one rendition by x264's default preset, then sound, pauses, one picture
# every ten seconds.
peer() { # peer FILE CRF TUNE
	ff -progress /dev/null -i "$1" -vsync 2 -c:v libx264 -level 4.0 -movflags +faststart ${3:+-tune "$3"} -c:a aac -b:a 128k -crf "$2" peer.mp4
	ff -i "$1" -c:a aac -vn peer.m4a
	ff -i "$1" -af silencedetect=n=-15dB:d=30 -f null -
	t=0
	while [ "$t" -lt "$length" ]; do
		ff -ss "$t" -i "$1" -vf scale=160:-1 -frames:v 1 "peer$t.jpg"
		t=$((t + 10))
	done
	ff -i peer.mp4 -c copy -f hls -hls_time 8 -hls_playlist_type vod -hls_segment_type mpegts -hls_segment_filename 'peer%04d.ts' peer.m3u8
}
ours() { # ours FILE VIEW [-e]
	rm -rf out
	# shellcheck disable=SC2086 # an option or nothing
	"$run" ${3:-} "$1" "$2" out >out.json 2>out.err || { tail -n 5 out.err >&2; exit 1; }
	spent=$(jq '.cpu.full * 10 | round / 10' out.json)
	copied=$(jq -r 'if .full.renditions[0].copied then "copied top" else "all encoded" end' out.json)
}
# peers FILE CRF GOP TUNE LENGTH
peers() {
	src=$1 length=$5
	row '' 'CPU s' 'bytes' 'SSIM top' 'SSIM 360'
	cpu plain "$1" "$2" "$3"
	three=$spent three_bytes=$(bytes plain*.m4s)
	row 'three plain runs' "$three" "$three_bytes" "$(ssim plain1080.m4s)" "$(ssim plain360.m4s)"
	cpu peer "$1" "$2" "$4"
	one=$spent one_bytes=$(bytes peer.mp4)
	row 'the peer, one rendition' "$one" "$one_bytes" "$(ssim peer.mp4)" '-'
}
against() { # against FILE VIEW [-e]
	ours "$@"
	mine_bytes=$(bytes out/full/v*.mp4)
	row "ours, $copied, whole job" "$spent" "$mine_bytes" "$(ssim out/full/v1080.mp4)" "$(ssim out/full/v360.mp4)"
	row '  / three plain runs' "$(ratio "$spent" "$three")" "$(ratio "$mine_bytes" "$three_bytes")" '' ''
	row '  / the peer' "$(ratio "$spent" "$one")" "$(ratio "$mine_bytes" "$one_bytes")" '' ''
	result=$(ratio "$spent" "$three")
}
# The same with a longer clip.
longer() { # longer FILE VIEW [-e]
	ours "$@"
	row "ours, $copied, whole job" "$spent" "$(bytes out/full/v*.mp4)" '-' '-'
	row '  / three plain runs' "$(ratio "$spent" "$three")" '' '' ''
	result=$(ratio "$spent" "$three")
}
printf '\ncamera, 1080p, 8 Mbit/s\n'
peers camera.mp4 26 100 '' $camera
against camera.mp4 CAM -e
encode=$result
against camera.mp4 CAM
copy=$result
printf '\ncamera, %s times as long\n' $((again + 1))
ff -stream_loop $again -i camera.mp4 -c copy long.mp4
row '' 'CPU s' 'bytes' 'SSIM top' 'SSIM 360'
cpu plain long.mp4 26 100
three=$spent
row 'three plain runs' "$three" "$(bytes plain*.m4s)" '-' '-'
longer long.mp4 CAM -e
long_encode=$result
longer long.mp4 CAM
long_copy=$result
printf '\nslides, 1080p, keyframes too far apart to copy\n'
peers slides.mp4 20 100 stillimage $pages
against slides.mp4 PRES
printf '\nCPU of the whole job against three plain runs: encoded %s, %s of the longer clip (aim 0.70); top copied %s, %s (aim 0.35); slides %s\n' \
	"$encode" "$long_encode" "$copy" "$long_copy" "$result"

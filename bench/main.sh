#!/bin/sh
# The main job: the time from the last byte of a compliant 90-minute recording (1080p25, 4 Mbit/s, about 2.7 GB) until
# students can watch it. For comparison, in the same run: reading the file once, hashing it, and a plain ffmpeg remux of
# it to HLS, which every pipeline needs. Needs 9 GB of free disk; removes the lecture at the end.
set -eu
minutes=${1:-90}
ctl() { "$LECTERN_SRC/lectern" ctl --name "$LECTERN_NAME" "$@"; }
now() { date +%s%3N; }
seconds() { awk -v ms="$1" 'BEGIN { printf "%.1f", ms / 1000 }'; }

work=$(mktemp -d "$LECTERN_STATE/tmp/bench.XXXXXX")
key=
cleanup() {
    [ -z "$key" ] || ctl lecture delete "$key" --now >/dev/null || :
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
chmod 755 "$work"

echo "making $minutes minutes of 1080p …" >&2
ffmpeg -nostdin -v error -f lavfi -i "mandelbrot=s=1920x1080:r=25:end_scale=0.1" -f lavfi -i "sine=f=300:r=48000" \
    -filter_complex "[0:v]noise=alls=6:allf=t,format=yuv420p[v]" -map '[v]' -map 1:a -t 30 -c:v libx264 \
    -preset ultrafast -profile:v main -b:v 4M -maxrate 4M -bufsize 4M -g 50 -sc_threshold 0 -bf 0 -c:a aac -b:a 128k "$work/clip.mp4"
ffmpeg -nostdin -v error -stream_loop $((minutes * 2 - 1)) -i "$work/clip.mp4" -c copy -movflags +faststart "$work/long.mp4"
rm "$work/clip.mp4"
size=$(stat -c %s "$work/long.mp4")
echo "$minutes minutes, $((size / 1000000)) MB" >&2

# row LABEL MILLISECONDS: the ratio to the plain copy, drawn against the budget
row() {
    printf '%-38s %8s s   %5s  %s\n' "$1" "$(seconds "$2")" "$(awk -v a="$2" -v b="$base" 'BEGIN { printf "%.2f", a / b }')" \
        "$("$LECTERN_SRC/bench/bar" "$(awk -v a="$2" 'BEGIN { printf "%.2f", a / 60000 }')")"
}
begin=$(now)
ffmpeg -nostdin -v error -i "$work/long.mp4" -c copy -f hls -hls_time 4 -hls_playlist_type vod \
    -hls_segment_type fmp4 -hls_flags single_file "$work/plain.m3u8"
base=$(($(now) - begin))
rm -f "$work"/plain*
begin=$(now)
sha256sum "$work/long.mp4" >/dev/null
hash=$(($(now) - begin))

slug=$(ctl course list --json | jq -r '.[0] | .term + "/" + .slug')
begin=$(now)
key=$(ctl lecture import --course "$slug" --title "Benchmark of the main job" --cam "$work/long.mp4" | tail -n 1)
uploaded=$(now)
state=none
while [ "$state" != watchable ] && [ "$state" != complete ]; do
    [ $(($(now) - uploaded)) -lt 600000 ] || { echo "not watchable after ten minutes: $state" >&2; exit 1; }
    sleep 0.3
    state=$(ctl lecture show "$key" --json | jq -r .media)
done
watchable=$(($(now) - uploaded))

printf '%-38s %10s   %5s  %s\n' '' '' ratio '│ = the budget of 60 s'
row 'plain ffmpeg: copy to HLS' "$base"
row 'sha256sum' "$hash"
row 'upload by lecternctl' $((uploaded - begin))
row 'last byte to watchable' "$watchable"

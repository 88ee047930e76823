# shellcheck shell=sh
# The demo university: loaded by lecternctl like anybody's, the recording sent through the real upload.

accounts_get() { jq -r "$1 // empty" "$state/accounts.json"; }

accounts_print() {
	jq -r '.accounts | to_entries[] | "  \(.key)\t\(.value.login)\t\(.value.password)"' "$state/accounts.json" |
		awk -F '\t' '{ printf "%-14s %-16s %s\n", $1, $2, $3 }'
	say "  (kept in $state/accounts.json)"
}

demo_university() { :; }
demo_clip() { :; }
demo_lecture() { :; }

# shellcheck shell=sh
# ./lectern status: what runs, where it listens, how often it had to be started again, and the queue.

command_status() {
	status_form=text
	case ${1:-} in
	'') ;;
	--json) status_form=json ;;
	*) die "status knows only --json." ;;
	esac
	exists || die "there is no instance '$name' here: ./lectern up makes one."
	options_load
	if [ "$status_form" = json ]; then status_json; else status_text; fi
}

# One line for each service: name, state, pid, seconds, restarts, address, version; tabs between.
status_services() {
	for one in $base_services $core_services; do
		status_state=down status_pid=- status_up=- status_restarts=0
		status_line=$(sv status "$service/$one" 2>/dev/null || :)
		case $status_line in
		run:*)
			status_state=run
			status_pid=$(printf '%s' "$status_line" | sed -n 's/^run: [^(]*(pid \([0-9]*\)) \([0-9]*\)s.*/\1/p')
			status_up=$(printf '%s' "$status_line" | sed -n 's/^run: [^(]*(pid \([0-9]*\)) \([0-9]*\)s.*/\2/p')
			;;
		esac
		if [ -e "$service/$one/starts" ]; then
			status_restarts=$(($(wc -c <"$service/$one/starts") - 1))
			[ "$status_restarts" -ge 0 ] || status_restarts=0
		fi
		printf '%s\t%s\t%s\t%s\t%s\t%s\t%s\n' "$one" "$status_state" "$status_pid" "$status_up" \
			"$status_restarts" "$(status_address "$one")" "$(status_version "$one")"
	done
}

status_address() {
	case $1 in
	lighttpd)
		printf '127.0.0.1:%s' "$port"
		[ -z "$listen" ] || printf ' %s:%s' "$listen" "$tls_port"
		;;
	rtmpd) printf '127.0.0.1:%s 127.0.0.1:%s' "$rtmp_port" "$ingest_port" ;;
	mariadb | redis | store | authz | lived | web) printf '%s/%s.sock' "$run" "$1" ;;
	*) printf -- '-' ;;
	esac
}

status_version() {
	case $1 in
	lighttpd) lighttpd -v | sed -n '1s|^lighttpd/\([^ ]*\).*|\1|p' ;;
	mariadb) mariadbd --no-defaults --version | sed -n 's/.*Ver \([0-9.]*\).*/\1/p' ;;
	redis) "$state/bin/redis-server" --version | sed -n 's/.*v=\([0-9.]*\).*/\1/p' ;;
	*) "$app/libexec/lectern/lectern-$1" -V 2>/dev/null | awk 'NR == 1 { print $NF }' || printf -- '-' ;;
	esac
}

# The queue as lecternctl reports it, or null while the database is away.
status_queue() {
	[ -x "$ctl" ] || {
		printf null
		return 0
	}
	status_told=$(ctl_run status --json 2>/dev/null) || status_told=
	printf '%s' "$status_told" | jq -c . 2>/dev/null | grep . || printf null
}

status_json() {
	status_services | jq -R -s --arg name "$name" --arg url "$base_url" --arg state "$state" \
		--arg supervisor "$(supervisor_pid || :)" --argjson queue "$(status_queue)" '
		{ name: $name, url: $url, state: $state,
		  running: ($supervisor != ""),
		  supervisor: ($supervisor | if . == "" then null else tonumber end),
		  processes: [ split("\n")[] | select(. != "") | split("\t") | {
		    name: .[0], state: .[1],
		    pid: (.[2] | if . == "-" then null else tonumber end),
		    uptime: (.[3] | if . == "-" then null else tonumber end),
		    restarts: (.[4] | tonumber),
		    address: (.[5] | if . == "-" then null else . end),
		    version: (.[6] | if . == "" then null else . end) } ],
		  queue: $queue }'
}

status_text() {
	if supervisor_pid >/dev/null; then
		say "Lectern '$name' at $base_url/ (runit supervisor: pid $(supervisor_pid))"
	else
		say "Lectern '$name' is down."
	fi
	printf '\n  %-9s %-5s %8s %9s %8s  %-10s %s\n' process state pid uptime restarts version address
	tab=$(printf '\t')
	status_services | while IFS=$tab read -r s_name s_state s_pid s_up s_restarts s_address s_version; do
		[ "$s_up" = - ] || s_up=$(status_duration "$s_up")
		printf '  %-9s %-5s %8s %9s %8s  %-10s %s\n' \
			"$s_name" "$s_state" "$s_pid" "$s_up" "$s_restarts" "$s_version" "$s_address"
	done
	say
	status_told=$(status_queue)
	if [ "$status_told" = null ]; then
		say "  queue: not known (the database does not answer)"
	else
		printf '%s' "$status_told" | jq -r '
			def words: if type == "object" then [to_entries[] | select(.value != 0) | "\(.key) \(.value | words)"] | join(", ")
				elif type == "array" then map(words) | join("; ") else tostring end;
			to_entries[] | if (.value | type) == "object" and ([.value[] | type] | any(. == "object"))
				then .key as $k | .value | to_entries[] | "  \($k) \(.key): \(.value | words | if . == "" then "none" else . end)"
				else "  \(.key): \(.value | words | if . == "" then "none" else . end)" end'
	fi
}

status_duration() {
	if [ "$1" -ge 86400 ]; then
		printf '%dd %02dh' $(($1 / 86400)) $(($1 % 86400 / 3600))
	elif [ "$1" -ge 3600 ]; then
		printf '%dh %02dm' $(($1 / 3600)) $(($1 % 3600 / 60))
	else
		printf '%dm %02ds' $(($1 / 60)) $(($1 % 60))
	fi
}

# shellcheck shell=sh
# One instance on this machine: user, folders, configuration, services under runit.

# database and cache come up first and go down last
base_services='mariadb redis'
core_services='store authz lived web schedd courierd noded workerd rtmpd lighttpd'
# of those: they take a new program or configuration at SIGHUP, without a failed request
fcgi_services='store authz web'

user_create() {
	getent passwd lectern >/dev/null && return 0
	useradd --system --user-group --home-dir "$root" --no-create-home --shell /usr/sbin/nologin lectern ||
		die "the system user 'lectern' could not be created."
}

# Programs and configuration belong to root; services can write only to the folders that they need.
folders_create() {
	chmod 755 "$root"
	mkdir -p "$cache" "$state/etc" "$service" "$logs"
	chown root:lectern "$state" "$state/etc"
	chmod 750 "$state" "$state/etc"
	for folder in data db redis keys node store scratch live tmp; do
		[ -d "$state/$folder" ] || install -d -o lectern -g lectern -m 750 "$state/$folder"
	done
	chmod 700 "$state/keys"
	run_create
	link_create
}

run_create() {
	mkdir -p /run/lectern
	[ -d "$run" ] || install -d -o lectern -g lectern -m 750 "$run"
}

# A link `var` in the checkout, for people who look for the instance; none if the checkout is read-only.
link_create() {
	[ "$name" = lectern ] || return 0
	if [ -e "$src/var" ] && ! [ -L "$src/var" ]; then return 0; fi
	ln -sfn "$state" "$src/var" 2>/dev/null || :
}

# Options are remembered: `up` without options repeats the last one.
options_load() {
	port_saved= listen_saved=
	if [ -r "$state/etc/options" ]; then
		port_saved=$(sed -n 's/^port=//p' "$state/etc/options")
		listen_saved=$(sed -n 's/^listen=//p' "$state/etc/options")
	fi
	port=${port:-${port_saved:-8080}}
	listen=${listen:-$listen_saved}
	[ "$listen" != off ] || listen=
	tls_port=$((port + 363))
	rtmp_port=$((port + 364))
	ingest_port=$((port + 365))
	if [ -n "$listen" ]; then
		base_url=https://$(listen_host):$tls_port
	else
		base_url=http://127.0.0.1:$port
	fi
}

options_save() {
	printf 'port=%s\nlisten=%s\n' "$port" "$listen" >"$state/etc/options"
}

# The name that others use if the address means all addresses: that of this machine's first one.
listen_host() {
	case $listen in
	0.0.0.0 | :: | '*') hostname -I 2>/dev/null | awk '{ print $1; exit }' | grep . || hostname ;;
	*:*) printf '[%s]' "$listen" ;;
	*) printf '%s' "$listen" ;;
	esac
}

# An address that the web server could not listen on is reported before anything is changed: a laptop has another address
# each day.
listen_check() {
	case $listen in
	'' | '*') return 0 ;;
	esac
	# shellcheck disable=SC2016 # perl's variables; its base is part of every Debian
	perl -MSocket=:addrinfo,SOCK_STREAM -e '
		my ($error, @found) = getaddrinfo($ARGV[0], "", { socktype => SOCK_STREAM });
		for (@found) { my $try; exit 0 if socket($try, $_->{family}, SOCK_STREAM, 0) && bind($try, $_->{addr}) }
		exit 1' -- "$listen" && return 0
	die "this machine has no address '$listen' (it has: $(hostname -I 2>/dev/null | sed 's/ *$//; s/ /, /g')):" \
		"run '$(up_words_again) --listen ADDRESS' with one of its own, or '--listen off'."
}

ports_check() {
	port_check "$port" ''
	[ -z "$listen" ] || port_check "$tls_port" ' (for TLS)'
	port_check "$rtmp_port" ' (for RTMP)'
	port_check "$ingest_port" ' (for live streams between programs)'
}

port_check() {
	port_who=$(port_owner "$1") || return 0
	die "port $1$2 is taken ($port_who): run '$(up_words_again) --port $(port_free_after $((port + 1)))', or any other free port."
}

# The command line of this run, without the options that are remembered.
up_words_again() {
	printf './lectern up'
	[ "$name" = lectern ] || printf ' --name %s' "$name"
}

# Files that changed are noted, for the services that read them.
file_put() { # file_put PATH MODE < CONTENT
	cat >"$1.new"
	chown root:lectern "$1.new"
	chmod "$2" "$1.new"
	if cmp -s "$1.new" "$1"; then
		rm -f "$1.new"
	else
		mv "$1.new" "$1"
		case $1 in
		*/lighttpd.conf | */hot.lua) : >"$state/.renew-lighttpd" ;;
		*) : >"$state/.renew" ;;
		esac
	fi
}

config_write() {
	[ -z "$listen" ] || certificate_create
	{
		printf '# Written by ./lectern up at each start; settings of your own go into lectern.conf.local beside it.\n'
		cat <<-EOF
			base_url = $base_url
			state_dir = $state/data
			run_dir = $run
			database_socket = $run/mariadb.sock
			redis_socket = $run/redis.sock
			web_socket = $run/web.sock
			web_processes = 4
			signin_socket = $run/signin.sock
			node_socket = $run/node.sock
			key_dir = $state/keys
			live_url = rtmp://127.0.0.1:$rtmp_port/live
			node_name = $(hostname)
			core_url = http://127.0.0.1:$port
			node_dir = $state/node
			join_token_file = $state/node/join.token
			store_url =
			store_root = $state/store
			store_socket = $run/store.sock
			store_min_free = 256M
			authz_socket = $run/authz.sock
			lived_socket = $run/lived.sock
			scratch_dir = $state/scratch
			rtmp_listen = 127.0.0.1:$rtmp_port
			ingest_listen = 127.0.0.1:$ingest_port
			ingest_url = rtmp://127.0.0.1:$ingest_port
			live_dir = $state/live
		EOF
		[ -z "$listen" ] || printf 'core_ca_file = %s\n' "$state/etc/tls.crt"
	} | config_local | file_put "$conf" 640
	sed -e "s|@RUN@|$run|g" "$src/contrib/lighttpd/hot.lua.in" | file_put "$state/etc/hot.lua" 640
	lighttpd_config | file_put "$state/etc/lighttpd.conf" 640
	cat <<-EOF | file_put "$state/etc/instance" 640
		name='$name'
		state='$state'
		run='$run'
		app='$app'
		conf='$conf'
	EOF
	options_save
}

# A key of lectern.conf.local replaces the one written here, since a key that is set twice is an error.
config_local() {
	if ! [ -r "$state/etc/lectern.conf.local" ]; then
		cat
		return 0
	fi
	awk -F '=' '
		function key(s) { gsub(/[ \t]/, "", s); return s }
		FNR == NR { line[++n] = $0; if ($0 !~ /^[ \t]*#/ && NF > 1) mine[key($1)] = 1; next }
		/^#/ || !(key($1) in mine)
		END { for (i = 1; i <= n; i++) print line[i] }' "$state/etc/lectern.conf.local" -
}

lighttpd_config() {
	sed -e "s|@STATE@|$state|g" -e "s|@RUN@|$run|g" -e "s|@STATIC@|$app/share/lectern/static|g" \
		-e "s|@HOT@|$state/etc/hot.lua|g" \
		-e "s|@ERRORS@|$app/share/lectern/lighttpd|g" -e "s|@STORE@|$state/store|g" -e "s|@PORT@|$port|g" \
		"$src/contrib/lighttpd/lectern.conf.in"
	[ -z "$listen" ] || sed -e "s|@LISTEN@|$(case $listen in *:*) printf '[%s]' "$listen" ;; *) printf '%s' "$listen" ;; esac)|g" \
		-e "s|@TLS_PORT@|$tls_port|g" -e "s|@STATE@|$state|g" "$src/contrib/lighttpd/tls.conf.in"
}

certificate_create() {
	certificate_host=$(listen_host | tr -d '[]')
	if [ -e "$state/etc/tls.pem" ] && [ "$(cat "$state/etc/tls.host" 2>/dev/null)" = "$certificate_host" ]; then return 0; fi
	case $certificate_host in
	*[!0-9.:a-fA-F]*) certificate_san=DNS:$certificate_host ;;
	*[.:]*) certificate_san=IP:$certificate_host ;;
	*) certificate_san=DNS:$certificate_host ;;
	esac
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 397 -subj "/CN=Lectern $name" \
		-addext "subjectAltName=$certificate_san,DNS:localhost,IP:127.0.0.1" \
		-keyout "$state/etc/tls.key" -out "$state/etc/tls.crt" || die "openssl could not make a certificate."
	cat "$state/etc/tls.crt" "$state/etc/tls.key" >"$state/etc/tls.pem"
	chown root:lectern "$state/etc/tls.pem" "$state/etc/tls.key" "$state/etc/tls.crt"
	chmod 640 "$state/etc/tls.pem" "$state/etc/tls.key" "$state/etc/tls.crt"
	printf '%s\n' "$certificate_host" >"$state/etc/tls.host"
	: >"$state/.renew-lighttpd"
}

# --- services -------------------------------------------------------------------------------------------

service_running() { # service_running NAME
	[ -e "$service/$1/supervise/pid" ] && sv status "$service/$1" 2>/dev/null | grep -q '^run:'
}

services_write() {
	install -d -o lectern -g lectern "$logs/access"
	printf 's4194304\nn8\n' >"$logs/access/config"
	for one in $base_services $core_services; do
		mkdir -p "$service/$one/log" "$logs/$one"
		chown lectern:lectern "$logs/$one"
		printf 's4194304\nn8\n' >"$logs/$one/config"
		service_put "$src/contrib/runit/$one" "$service/$one/run"
		service_log=$src/contrib/runit/log
		[ ! -e "$service_log-$one" ] || service_log=$service_log-$one
		service_put "$service_log" "$service/$one/log/run"
		# runsvdir starts nothing by itself: this script decides the order
		[ -e "$service/$one/supervise/pid" ] || : >"$service/$one/down"
	done
	# redis-tools has the server as redis-check-rdb; it acts as the server if it is called by that name
	mkdir -p "$state/bin"
	ln -sfn "$(command -v redis-server || command -v redis-check-rdb)" "$state/bin/redis-server"
}

service_put() {
	if cmp -s "$1" "$2"; then return 0; fi
	install -m 755 "$1" "$2.new"
	mv "$2.new" "$2"
}

supervisor_pid() {
	[ -r "$state/runsvdir.pid" ] || return 1
	read -r supervisor <"$state/runsvdir.pid" || return 1
	[ "$(cat "/proc/$supervisor/comm" 2>/dev/null)" = runsvdir ] &&
		tr '\0' ' ' <"/proc/$supervisor/cmdline" | grep -qF "$service" && printf '%s' "$supervisor"
}

supervisor_start() {
	run_create
	if supervisor_pid >/dev/null; then
		wait_for 10 supervisor_ready || die "runsvdir does not see all services: see $logs/supervisor.log."
		return 0
	fi
	for one in $base_services $core_services; do
		: >"$service/$one/down"
		rm -f "$service/$one/starts"
	done
	# a session of its own, no open descriptors of this script, an empty environment
	# shellcheck disable=SC2016 # the inner shell expands
	(
		cd /
		exec setsid env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
			LECTERN_INSTANCE="$name" \
			sh -c 'echo $$ >"$1/runsvdir.pid"; exec runsvdir -P "$2"' sh "$state" "$service"
	) </dev/null >>"$logs/supervisor.log" 2>&1 8>&- 9>&- &
	wait_for 10 supervisor_ready || die "runsvdir did not start: see $logs/supervisor.log."
}

supervisor_ready() {
	supervisor_pid || return 1
	for one in $base_services $core_services; do
		[ -p "$service/$one/supervise/control" ] && [ -p "$service/$one/log/supervise/control" ] || return 1
	done
}

# service_up NAME...
service_up() {
	for one in "$@"; do
		service_put_up=$service/$one
		rm -f "$service_put_up/down"
		sv up "$service_put_up" >/dev/null
	done
}

# Says why a service does not start: the end of its log.
service_blame() {
	tail -n 5 "$logs/$1/current" 2>/dev/null | cut -c 1-300
	die "$1 does not come up: see $logs/$1/current."
}

database_ping() { mariadb --no-defaults -S "$run/mariadb.sock" -uroot --connect-timeout=2 -e "DO 1"; }
redis_ping() { [ "$(redis-cli -s "$run/redis.sock" ping 2>/dev/null)" = PONG ]; }

# --force: a server without network also works on a machine that cannot look up its own name.
database_create() {
	[ ! -e "$state/db/.installed" ] || return 0
	rm -rf "$state/db"
	install -d -o lectern -g lectern -m 700 "$state/db"
	cd /
	setpriv --reuid=lectern --regid=lectern --clear-groups env TMPDIR="$state/tmp" mariadb-install-db --no-defaults \
		--datadir="$state/db" --force --auth-root-authentication-method=socket --auth-root-socket-user=root \
		--skip-test-db --skip-name-resolve --innodb-log-file-size=32M ||
		die "MariaDB could not create its data folder: see $uplog."
	: >"$state/db/.installed"
}

database_start() {
	service_up mariadb redis
	wait_for 60 database_ping || service_blame mariadb
	wait_for 20 redis_ping || service_blame redis
	mariadb --no-defaults -S "$run/mariadb.sock" -uroot <<-EOF
		CREATE DATABASE IF NOT EXISTS lectern CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_ai_ci;
		CREATE USER IF NOT EXISTS lectern@localhost IDENTIFIED VIA unix_socket;
		GRANT ALL ON lectern.* TO lectern@localhost;
	EOF
}

# ctl_run WORDS...: lecternctl of this installation, as the service user.
ctl_run() {
	(cd / && setpriv --reuid=lectern --regid=lectern --clear-groups env LECTERN_CONF="$conf" "$ctl" "$@")
}

database_migrate() { ctl_run migrate || die "the database could not be brought up to date: see $uplog."; }

# Programs replaced by a newer build and files that changed take effect; the rest keeps running.
services_start() {
	if [ -n "$(find "$state/.installed" -newer "$state/.started" 2>&1)" ]; then : >"$state/.renew"; fi
	if [ -e "$state/.renew" ]; then services_hand_over; fi
	services_restart
	# shellcheck disable=SC2086 # a list of names
	service_up $core_services
	: >"$state/.started"
	wait_for 30 site_answers || site_blame
}

# The same on a running instance, and the FastCGI programs in any case: what they read may have changed elsewhere.
services_reload() {
	services_hand_over
	services_restart
	wait_for 30 site_answers || site_blame
}

# The other services, if what they read changed. The web server opens its configuration anew; requests that it is
# answering then have five seconds (server.graceful-shutdown-timeout).
services_restart() {
	for one in $core_services; do
		case " $fcgi_services " in *" $one "*) continue ;; esac
		if ! service_running "$one"; then continue; fi
		if [ "$one" = lighttpd ]; then
			[ ! -e "$state/.renew-lighttpd" ] || sv 1 "$service/$one" >/dev/null
		else
			[ ! -e "$state/.renew" ] || sv restart "$service/$one" >/dev/null || :
		fi
	done
	rm -f "$state/.renew" "$state/.renew-lighttpd"
}

# A program that would not start is not sent the signal, and the reason is said here; it would not take over either.
services_hand_over() {
	for one in $fcgi_services; do
		service_running "$one" || continue
		said=$(service_try "$one" 2>&1) || die "lectern-$one would not start, so what runs goes on: $said"
		old=$(service_processes "$one")
		sv hup "$service/$one" >/dev/null
		wait_for 30 service_has_new "$one" "$old" || service_blame "$one"
	done
}

service_try() { (cd / && setpriv --reuid=lectern --regid=lectern --clear-groups "$app/libexec/lectern/lectern-$1" -t -c "$conf"); }
service_processes() { children_of "$(cat "$service/$1/supervise/pid")"; }
service_has_new() { service_processes "$1" | grep -qvxF "$2"; }

# another program may have taken the port since ports_check, and its answers are not ours
site_answers() { ! port_owner "$port" >/dev/null && curl -fsS -o /dev/null --max-time 5 "http://127.0.0.1:$port/health"; }

site_blame() {
	ports_check
	for one in $core_services; do
		service_running "$one" || service_blame "$one"
	done
	service_blame web
}

# All running processes of this instance, whoever started them: a variable in their environment tells.
processes_left() {
	grep -lzxF "LECTERN_INSTANCE=$name" /proc/[0-9]*/environ 2>/dev/null | sed 's|^/proc/||; s|/environ$||'
}

services_stop() {
	if supervisor=$(supervisor_pid); then
		for one in $core_services; do sv down "$service/$one" >/dev/null 2>&1 || :; done
		for one in $core_services; do sv -w 15 force-stop "$service/$one" >/dev/null 2>&1 || :; done
		for one in $base_services; do sv -w 30 force-stop "$service/$one" >/dev/null 2>&1 || :; done
		kill -HUP "$supervisor" 2>/dev/null || :
		wait_for 20 supervisor_gone || :
	fi
	rm -f "$state/runsvdir.pid"
	for left in $(processes_left); do kill -TERM "$left" 2>/dev/null || :; done
	if [ -n "$(processes_left)" ]; then sleep 1; fi
	for left in $(processes_left); do kill -KILL "$left" 2>/dev/null || :; done
	rm -rf "${run:?}"
}

supervisor_gone() { [ -z "$(processes_left)" ]; }

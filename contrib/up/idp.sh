# shellcheck shell=sh
# ./lectern idp: an identity provider beside the instance, to try sign-in with a university account by hand, and for tests.
# It is SimpleSAMLphp of Debian under PHP's own web server. It listens on the loopback and is called localhost, while the
# instance is called 127.0.0.1: to a browser these are two sites, as they are in a real installation.

command_idp() {
	idp_off=no idp_encrypt=true idp_encrypt_name=false
	while [ $# -gt 0 ]; do
		case $1 in
		--port) option_value "$@" && idp_port=$2 && shift ;;
		--plain) idp_encrypt=false ;;
		--encrypt-name) idp_encrypt=false idp_encrypt_name=true ;;
		off) idp_off=yes ;;
		*) die "idp does not know '$1'; see ./lectern help." ;;
		esac
		shift
	done
	exists || die "there is no instance '$name' here: ./lectern up makes one."
	lock_take
	supervisor_pid >/dev/null || die "'$name' is down: ./lectern up starts it."
	options_load
	idp=$state/idp
	idp_service=$service/idp
	trap 'step_interrupted' INT TERM
	if [ "$idp_off" = yes ]; then
		step 'Identity provider: removed' idp_remove
		return 0
	fi
	idp_port=${idp_port:-$((port + 366))}
	idp_entity=http://localhost:$idp_port/idp
	step 'Debian packages' packages_install idp
	step 'Identity provider: keys, configuration' idp_write
	step 'Identity provider: started' idp_start
	step 'Identity provider and Lectern know each other' idp_introduce
	say "Sign in at $base_url/login with \"Example University\":"
	say "  unistudent, unilecturer, uniboth, uninothing; the password is the login."
	say "./lectern idp off removes it."
}

idp_key() { # idp_key NAME
	[ -s "$idp/cert/$1.key" ] || openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 3650 -subj "/CN=$1.example" \
		-keyout "$idp/cert/$1.key" -out "$idp/cert/$1.crt"
}

idp_fill() { # idp_fill IN OUT
	sed -e "s|@ROOT@|$idp|g" -e "s|@HOST@|localhost|g" -e "s|@PORT@|$idp_port|g" -e "s|@SALT@|$idp_salt|g" \
		-e "s|@ENCRYPT@|$idp_encrypt|g" -e "s|@ENCRYPT_NAME@|$idp_encrypt_name|g" "$src/contrib/idp/$1" >"$idp/$2"
}

idp_write() {
	for folder in config metadata cert log tmp data sess; do mkdir -p "$idp/$folder"; done
	idp_key idp
	idp_key idp-next
	[ -s "$idp/salt" ] || openssl rand -hex 24 >"$idp/salt"
	idp_salt=$(cat "$idp/salt")
	idp_fill config.php.in config/config.php
	idp_fill authsources.php.in config/authsources.php
	idp_fill hosted.php.in metadata/saml20-idp-hosted.php
	cp "$src/contrib/idp/router.php" "$idp/router.php"
	rm -rf "$idp/attributemap"
	cp -r /etc/simplesamlphp/attributemap "$idp/attributemap"
	printf "idp_port='%s'\n" "$idp_port" >"$idp/port"
	# until Lectern's own is here, some entity that nobody asks for
	[ -s "$idp/sp.xml" ] || printf '<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"/>\n' >"$idp/sp.xml"
	chown -R lectern:lectern "$idp"
	chmod -R go-rwx "$idp"
}

idp_start() {
	mkdir -p "$idp_service/log" "$logs/idp"
	chown lectern:lectern "$logs/idp"
	printf 's4194304\nn8\n' >"$logs/idp/config"
	service_put "$src/contrib/runit/log" "$idp_service/log/run"
	service_put "$src/contrib/runit/idp" "$idp_service/run"
	wait_for 10 idp_supervised || die "the supervisor does not see $idp_service."
	sv restart "$idp_service" >/dev/null || :
	wait_for 30 idp_answers || service_blame idp
}

idp_supervised() { [ -p "$idp_service/supervise/control" ]; }
idp_answers() { curl -fsS -o /dev/null --max-time 10 "http://localhost:$idp_port/simplesaml/saml2/idp/metadata.php"; }

idp_introduce() {
	if ! ctl_run idp show "$idp_entity" >/dev/null 2>&1; then
		ctl_run idp add "$idp_entity" --name 'Example University' --domains uni.example --cert "$idp/cert/idp.crt" \
			--metadata "http://localhost:$idp_port/simplesaml/saml2/idp/metadata.php"
	fi
	ctl_run idp refresh "$idp_entity"
	wait_for 30 idp_ready || die "its metadata could not be read: ./lectern ctl --name $name idp list"
	curl -fsS --max-time 10 "http://127.0.0.1:$port/saml/metadata" >"$idp/sp.xml.new"
	chown lectern:lectern "$idp/sp.xml.new"
	mv "$idp/sp.xml.new" "$idp/sp.xml"
}

idp_ready() { [ "$(ctl_run idp show "$idp_entity" | jq -r .state)" = ready ]; }

idp_remove() {
	if [ -r "$idp/port" ]; then
		# shellcheck source=/dev/null
		. "$idp/port"
		ctl_run idp remove "http://localhost:$idp_port/idp" || :
	fi
	[ ! -d "$idp_service" ] || sv -w 10 force-stop "$idp_service" >/dev/null 2>&1 || :
	rm -rf "$idp_service" "$idp"
}

# shellcheck shell=sh
# The demo university: made by lecternctl like any other, the recording sent by the real upload.

demo_dir() { printf '%s/demo-%s' "$cache" "$(sha256sum <"$src/contrib/demo/clip.sh" | cut -c 1-16)"; }

accounts_get() { jq -r "$1 // empty" "$state/accounts.json" 2>/dev/null; }

# accounts_change JQ-FILTER [JQ-ARGUMENT...]
accounts_change() {
	accounts_filter=$1
	shift
	jq "$@" "$accounts_filter" "$state/accounts.json" >"$state/.accounts" || return 1
	chmod 600 "$state/.accounts"
	mv "$state/.accounts" "$state/accounts.json"
}

accounts_print() {
	jq -r '.accounts | to_entries[] | "\(.key)\t\(.value.login)\t\(.value.password)"' "$state/accounts.json" |
		awk -F '\t' 'BEGIN { printf "  %-12s %-16s %s\n", "account", "login", "password" }
			{ printf "  %-12s %-16s %s\n", $1, $2, $3 }'
	say "  (kept in $state/accounts.json)"
}

password_make() { LC_ALL=C tr -dc 'a-hjkmnp-z2-9' </dev/urandom | head -c 16; }

# Passwords are chosen before the first account is made, so that a run that was interrupted continues with the same ones.
accounts_create() {
	[ -s "$state/accounts.json" ] || (umask 077 && printf '{"accounts":{}}\n' >"$state/accounts.json")
	for role in admin maintainer lecturer student; do
		[ -z "$(accounts_get ".accounts.$role.login")" ] || continue
		accounts_change ".accounts.$role = {login: \$login, password: \$password}" \
			--arg login "demo-$role" --arg password "$(password_make)"
	done
	# shellcheck disable=SC2016 # jq's variables, here and below
	accounts_change '.url = $url' --arg url "$base_url"
}

# known WORDS...: runs lecternctl; success, too, if the object exists already.
known() {
	known_out=$(ctl_run "$@" 2>&1) || case $known_out in
	*taken* | *already*) ;;
	*)
		printf '%s\n' "$known_out"
		die "the demo university could not be loaded: lecternctl $1 $2 said: $(printf '%s' "$known_out" | tail -n 1)"
		;;
	esac
}

account() { # account ROLE NAME ORG
	accounts_get ".accounts.$1.password" |
		known user add "$(accounts_get ".accounts.$1.login")" --name "$2" --org "$3" --password-stdin
}

demo_university() {
	accounts_create
	[ ! -e "$state/db/.university" ] || return 0

	known org add demo --name 'Demo University'
	known org add engineering --name 'School of Engineering' --parent demo
	known org add computing --name 'Department of Computing' --parent engineering
	known org add mechanics --name 'Department of Mechanics' --parent engineering
	known org add arts --name 'School of Arts' --parent demo

	account admin 'Demo Admin' demo
	account maintainer 'Demo Maintainer' engineering
	account lecturer 'Demo Lecturer' computing
	account student 'Demo Student' computing
	known user grant "$(accounts_get .accounts.admin.login)" admin
	known user grant "$(accounts_get .accounts.maintainer.login)" maintainer --org engineering
	known user grant "$(accounts_get .accounts.lecturer.login)" lecturer --org computing

	# this term and the one before it: summer from April, winter from October
	year=$(date -u +%Y)
	case $(date -u +%m) in
	01 | 02 | 03) term=$((year - 1))w before=$((year - 1))s ;;
	1[0-2]) term=${year}w before=${year}s ;;
	*) term=${year}s before=$((year - 1))w ;;
	esac
	known term add "$before"
	known term add "$term"
	for one in "$before" "$term"; do
		case $one in
		*s) known term period "$one" "${one%s}-04-13" "${one%s}-07-24" ;;
		*)
			after=$((${one%w} + 1))
			known term period "$one" "${one%w}-10-12" "$after-02-12"
			known term free-add "$one" "${one%w}-12-24" "$after-01-06" 'Christmas break'
			;;
		esac
	done

	lecturer=$(accounts_get .accounts.lecturer.login)
	course "$term" lectern 'Lecturing with Lectern' computing public --downloads
	course "$term" algorithms 'Algorithms and Data Structures' computing signedin
	course "$term" compilers 'Compiler Construction' computing enrolled
	course "$term" colloquium 'Doctoral Colloquium' computing hidden
	course "$term" statics 'Statics' mechanics public
	course "$before" networks 'Computer Networks' computing public
	course "$before" databases 'Databases' computing enrolled
	student=$(accounts_get .accounts.student.login)
	for enrolled in "$term/lectern" "$term/compilers" "$before/databases"; do known course enrol "$enrolled" "$student"; done
	: >"$state/db/.university"
}

course() { # course TERM SLUG NAME ORG VISIBILITY [OPTION...]
	course_term=$1 course_slug=$2 course_name=$3 course_org=$4 course_visibility=$5
	shift 5
	known course add "$course_slug" --term "$course_term" --name "$course_name" --org "$course_org" \
		--visibility "$course_visibility" --staff "$lecturer" "$@"
}

# The nodes of this machine join with an organisation token, as any other machine does.
demo_nodes() {
	demo_roles=worker,storage,entry,ingest
	if [ -s "$state/node/join.token" ] && [ "$(cat "$state/node/.asked" 2>/dev/null)" = "$demo_roles" ]; then return 0; fi
	ctl_run node token --org demo --roles "$demo_roles" >"$state/.token" ||
		die "lecternctl could not make an organisation token."
	install -o lectern -g lectern -m 600 "$state/.token" "$state/node/join.token"
	rm -f "$state/.token"
	printf '%s' "$demo_roles" >"$state/node/.asked"
}

demo_clip() {
	demo_files=$(demo_dir)
	[ ! -s "$demo_files/demo.json" ] || return 0
	mkdir -p "$demo_files"
	chmod 755 "$cache" "$demo_files"
	sh "$src/contrib/demo/clip.sh" "$demo_files"
	chmod 644 "$demo_files"/*
}

demo_lecture() {
	[ -z "$(accounts_get .demo.lecture)" ] || return 0
	rm -f "$state/.refused"
	demo_files=$(demo_dir)
	# it prints its progress, and the lecture's key as the last line
	{
		ctl_run lecture import --course lectern --title 'How a lecture travels' \
			--cam "$demo_files/cam.mp4" --pres "$demo_files/pres.mp4" --publish --wait || : >"$state/.refused"
	} | tee "$state/.lecture"
	if [ -e "$state/.refused" ]; then
		rm -f "$state/.refused"
		die "the demo lecture was not processed: ./lectern ctl task list tells why."
	fi
	# shellcheck disable=SC2016
	accounts_change '.demo.lecture = $key' --arg key "$(tail -n 1 "$state/.lecture" | tr -d '[:space:]')"
	rm -f "$state/.lecture"
}

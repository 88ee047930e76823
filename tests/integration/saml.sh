#!/bin/sh
# lecternctl judges every kept response and attack as tests/unit/saml/cases.json says: the identity as JSON, or the reason. It
# reads metadata, and makes a key that openssl takes.
# instance: none
set -u
: "${LECTERN_SRC:?run me by ./lectern test integration/saml}" "${LECTERN_BUILD:?}"
# shellcheck source=tests/lib/tap.sh
. "$LECTERN_SRC/tests/lib/tap.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
explain() { cat "$tmp/out" "$tmp/err"; }
data=$LECTERN_SRC/tests/unit/saml corpus=$LECTERN_SRC/tests/fuzz/corpus
: >"$tmp/conf"
saml() { "$LECTERN_BUILD/lecternctl" -c "$tmp/conf" saml "$@" >"$tmp/out" 2>"$tmp/err"; }

n=0 bad=0
while IFS='	' read -r name file reason cert idp sp acs request now cbc nameid uid; do
	n=$((n + 1))
	saml check --idp-cert "$data/$cert" --sp-key "$data/sp.key" --idp "$idp" --sp "$sp" --acs "$acs" --request "$request" --now "$now" "$cbc" "$corpus/saml/$file"
	rc=$?
	if [ "$reason" = accepted ]; then
		[ "$rc" -eq 0 ] && jq -e --arg n "$nameid" --arg u "$uid" '.nameid == $n and .attributes["urn:oid:0.9.2342.19200300.100.1.1"][0] == $u and (.format | startswith("urn:oasis:names:tc:SAML:2.0:nameid-format:"))' "$tmp/out" >/dev/null
	else
		[ "$rc" -eq 1 ] && [ "$(cat "$tmp/out")" = "$reason" ] && grep -q "^lecternctl: refused: saml: $reason: " "$tmp/err"
	fi || { bad=$((bad + 1)); echo "# $name: exit status $rc, $(cat "$tmp/out" "$tmp/err")"; }
done <<ROWS
$(jq -r '.[] | [.name, .file, .reason, .cert, .idp, .sp, .acs, .request, .now, (if .allow_cbc then "--allow-cbc" else "--" end), .nameid // "-", .uid // "-"] | @tsv' "$data/cases.json")
ROWS
[ "$n" -gt 50 ] && [ "$bad" -eq 0 ]
ok $? "$n responses and attacks, each judged as it should be"

good() { jq -r --arg k "$1" '.[] | select(.name == "samlp-gcm") | .[$k]' "$data/cases.json"; }
check() { saml check --idp-cert "$1" --sp-key "$data/sp.key" --idp "$(good idp)" --sp "$(good sp)" --acs "$(good acs)" --request "$(good request)" --now "$(good now)" "$2"; }
base64 "$corpus/saml/samlp-gcm.xml" >"$tmp/field"
check "$data/peer2.crt" "$tmp/field" && jq -e '.session_index == null' "$tmp/out" >/dev/null
ok $? 'a response may be the base64 of the form'
check "$data/idp.crt,$data/peer2.crt" "$corpus/saml/samlp-gcm.xml"
ok $? 'and there may be several certificates'
check "$data/sp.key" "$corpus/saml/samlp-gcm.xml"
[ $? -eq 1 ] && grep -q 'certificates in PEM' "$tmp/err" && [ ! -s "$tmp/out" ]
ok $? 'a file without certificate is named'
saml check --idp x
[ $? -eq 2 ]
ok $? 'missing words are a mistake of use'

saml metadata "$corpus/saml_metadata/idp-metadata.xml" &&
	jq -e '.idp == "http://127.0.0.1:23010/idp" and (.certificates | length) == 2 and (.sign_in.redirect | endswith("SSOService.php"))' "$tmp/out" >/dev/null
ok $? 'metadata is read'
saml metadata --cert "$data/idp.crt" "$corpus/saml_metadata/idp-metadata.xml"
[ $? -eq 1 ] && [ "$(cat "$tmp/out")" = unsigned ]
ok $? 'unsigned metadata is refused where a signature is asked for'

saml key --name lectern.test --key "$tmp/sp.key" --cert "$tmp/sp.crt" &&
	[ "$(openssl x509 -in "$tmp/sp.crt" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g' | tr A-F a-f)" = "$(cat "$tmp/out")" ] &&
	[ "$(openssl x509 -in "$tmp/sp.crt" -noout -pubkey)" = "$(openssl pkey -in "$tmp/sp.key" -pubout)" ] &&
	openssl x509 -in "$tmp/sp.crt" -noout -subject | grep -q 'CN = lectern.test' && [ "$(stat -c %a "$tmp/sp.key")" = 600 ]
ok $? 'a new key and its certificate are what openssl expects'
saml key --name lectern.test --key "$tmp/sp.key" --cert "$tmp/other.crt"
[ $? -eq 1 ] && grep -q 'never overwritten' "$tmp/err" && [ ! -e "$tmp/other.crt" ]
ok $? 'a key is never overwritten'
end

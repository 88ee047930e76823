# Writes what lib/os/conf.def says about the keys of lectern.conf: as troff for the man page (-v form=man) or as a
# commented example (-v form=example).
function value(text)
{
    gsub(/LECTERN_DATADIR/, datadir, text)
    gsub(/LECTERN_LIBEXECDIR/, libexecdir, text)
    gsub(/"|[ ]*" "/, "", text)
    gsub(/^ +| +$/, "", text)
    gsub(/ \//, "/", text)
    return text
}
/^CONF_/ {
    line = $0
    sub(/^CONF_[A-Z]+\(/, "", line)
    name = line; sub(/,.*/, "", name)
    rest = line; sub(/^[^,]*, */, "", rest)
    what = rest; sub(/"\)$/, "", what); sub(/.*, "/, "", what)
    def = rest; sub(/,.*/, "", def); def = value(def)
    if (form == "man") {
        gsub(/-/, "\\-", what)
        printf ".TP\n.B %s\n%s.\n", name, toupper(substr(what, 1, 1)) substr(what, 2)
        if (def != "")
            printf "Default: %s\n", def
    } else {
        printf "# %s\n#%s = %s\n\n", what, name, def
    }
}
/^$/ && form == "example" { print "" }

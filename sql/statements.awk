# Makes sql/statements.def, the X-macro list of all statements, from sql/queries/*.sql:
#   -- name: course_get        begins a statement; its text runs to the next head
#   -- fragment: course_cols   begins a piece of text that statements (and later fragments) use as ${course_cols}
# Other lines that begin with -- are comments. Names are [a-z0-9_] and unique. Errors end the build with file and line.
function die(text) { print FILENAME ":" FNR ": " text > "/dev/stderr"; failed = 1; exit 1 }
function flush_text() {
    if (kind == "") return
    sub(/[ \t;]+$/, "", text)
    if (text == "") die("empty: " name)
    if (kind == "fragment") fragment[name] = expand(text)
    else { order[++count] = name; statement[name] = text }
    kind = ""; text = ""
}
function expand(s,    before, used) {
    while (match(s, /\$\{[a-z0-9_]+\}/)) {
        used = substr(s, RSTART + 2, RLENGTH - 3)
        if (!(used in fragment)) die("unknown fragment " used)
        s = substr(s, 1, RSTART - 1) fragment[used] substr(s, RSTART + RLENGTH)
    }
    return s
}
/^-- (name|fragment): / {
    flush_text()
    kind = ($2 == "name:") ? "name" : "fragment"
    name = $3
    if (name !~ /^[a-z][a-z0-9_]*$/ || NF != 3) die("bad name")
    if ((kind, name) in seen) die("twice: " name)
    seen[kind, name] = 1
    next
}
/^--/ { next }
{
    line = $0
    gsub(/^[ \t]+|[ \t]+$/, "", line)
    if (line == "") next
    if (kind == "") die("text before the first name")
    text = text (text == "" ? "" : " ") line
}
END {
    if (failed) exit 1
    flush_text()
    print "/* Made by sql/statements.awk from sql/queries. Not for editing. */"
    for (i = 1; i <= count; i++) {
        s = expand(statement[order[i]])
        gsub(/\\/, "\\\\", s)
        gsub(/"/, "\\\"", s)
        print "SQL(" order[i] ", \"" s "\")"
    }
}

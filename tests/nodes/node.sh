# What nodes written for the shell share: fields of the line that was read, and lines to put out.

# The value of a field whose name occurs once in the line.
field() {
    rest=${line#*"\"$1\":"}
    rest=${rest#\"}
    printf '%s' "${rest%%[\",\}]*}"
}

say() { printf '{"src":"%s","dest":"%s","body":%s}\n' "$name" "$1" "$2"; }
accept() {
    name=$(field node_id)
    say master "{\"type\":\"init_ok\",\"in_reply_to\":$(field msg_id),\"lockstep\":1}"
}
finish() { say clock "{\"type\":\"done\",\"step\":$(field step)}"; }
show() { say master "{\"type\":\"inspect_ok\",\"in_reply_to\":$(field msg_id),\"store\":[$1]}"; }

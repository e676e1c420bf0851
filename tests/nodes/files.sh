# files.sh WRITE [TIMER]: a server whose store is its files; what it does to them at a client's write, and at a timer.
. "${0%/*}/node.sh"

cd "$SPLITBRAIN_DATA" || exit
length() { wc -c <"$1"; }
disk() { say disk "{\"type\":\"$1\",\"file\":\"$2\"${3:+,$3}}"; }
append() {
    printf %s "$2" >>"$1"
    disk append "$1" "\"length\":$(length "$1")"
}
sync() { disk sync "$1"; }
rename() { disk rename "$1" "\"to\":\"$2\""; }
cut_off() {
    truncate -s "$2" "$1"
    disk truncate "$1" "\"length\":$2"
}
wake() { say clock "{\"type\":\"set_timer\",\"id\":\"wake\",\"after\":$1}"; }
answer() { say "$(field src)" "{\"type\":\"write_ok\",\"in_reply_to\":$(field msg_id)}"; }

while read -r line; do
    case $line in
    *'"type":"init"'*) accept ;;
    *'"type":"inspect"'*)
        files=$(for file in *; do [ ! -e "$file" ] || printf ',["%s","%s"]' "$file" "$(cat "$file")"; done)
        show "${files#,}"
        continue
        ;;
    *'"type":"write"'*) eval "$1" ;;
    *'"src":"clock"'*) eval "$2" ;;
    esac
    finish
done

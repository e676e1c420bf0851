# A server that keeps each write on its disk as a line, before it answers: its store is what it finds there. What is
# behind the last line break was torn, and is cut off.
. "${0%/*}/node.sh"

log=$SPLITBRAIN_DATA/log
length() { wc -c <"$log"; }
disk() { say disk "{\"type\":\"$1\",\"file\":\"log\"$2}"; }

recover() {
    [ -e "$log" ] || return
    whole=$(grep -c '' "$log")
    if [ -n "$(tail -c 1 "$log")" ]; then whole=$((whole - 1)); fi
    end=$(head -n "$whole" "$log" | wc -c)
    if [ "$end" -lt "$(length)" ]; then
        truncate -s "$end" "$log"
        disk truncate ",\"length\":$end"
    fi
}

while read -r line; do
    case $line in
    *'"type":"init"'*)
        accept
        recover
        ;;
    *'"type":"inspect"'*)
        show "$(paste -sd, "$log" 2>/dev/null)"
        continue
        ;;
    *'"type":"write"'*)
        echo "[\"$(field key)\",\"$(field value)\"]" >>"$log"
        disk append ",\"length\":$(length)"
        # Unsynced files of its own are nobody's promise.
        echo draft >"$SPLITBRAIN_DATA/draft"
        disk sync
        say "$(field src)" "{\"type\":\"write_ok\",\"in_reply_to\":$(field msg_id)}"
        ;;
    esac
    finish
done

# A server whose store is what reached it: in which order, and when. Its first life sets and cancels timers.
. "${0%/*}/node.sh"

set_timer() { say clock "{\"type\":\"set_timer\",\"id\":\"$1\",\"after\":$2}"; }
cancel_timer() { say clock "{\"type\":\"cancel_timer\",\"id\":\"$1\"}"; }

first_life() {
    set_timer same 1000
    say "$name" '{"type":"message"}' # it arrives after 1 ms, and before the timer that is due then
    set_timer replaced 10000
    set_timer cancelled 20000
    set_timer between 30000
    set_timer replaced 30000 # now it is the later one of the two
    cancel_timer cancelled
    cancel_timer never_set
    set_timer again 20000
    cancel_timer again
    set_timer again 30000 # a cancel is over when the next line is carried out
    set_timer outlives 50000
}

count=0
note() {
    count=$((count + 1))
    noted="$noted${noted:+,}[\"$count\",\"$1 at $(field now)\"]"
}

while read -r line; do
    case $line in
    *'"type":"init"'*)
        accept
        if [ "$(field incarnation)" = 0 ]; then first_life; else set_timer reborn 20000; fi
        ;;
    *'"type":"inspect"'*)
        show "$noted"
        continue
        ;;
    *'"src":"clock"'*)
        id=$(field id)
        note "timer $id"
        if [ "$id" = same ]; then set_timer made_later 29000; fi
        ;;
    *'"type":"message"'*) note message ;;
    esac
    finish
done

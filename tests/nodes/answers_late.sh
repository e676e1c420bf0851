# Answers a read 350 ms after it came: by then the client has asked another server.
. tests/nodes/speak.sh
begin
while take; do
    case $line in
    *'"type":"read"'*)
        msg_id=${line#*'"msg_id":'} msg_id=${msg_id%%,*}
        say clock '{"type":"set_timer","id":"late","after":350000}'
        ;;
    *'"type":"timer"'*) say c2 "{\"type\":\"read_ok\",\"in_reply_to\":$msg_id,\"value\":\"late\"}" ;;
    esac
    finish
done

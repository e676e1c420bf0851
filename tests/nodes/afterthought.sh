# Sends a message after done, in the same write.
. tests/nodes/speak.sh
begin
take
printf '%s\n%s\n' "$(finish)" "$(say c1 '{"type":"write_ok","in_reply_to":1}')"
take

# Answers a write with an error whose text would move a terminal's cursor.
. tests/nodes/speak.sh
begin
take
say c1 '{"type":"error","in_reply_to":1,"code":11,"text":"read only\n\u001b[2J"}'
finish
while take; do finish; done

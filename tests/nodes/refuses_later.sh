# Does not answer a write, and refuses its repetition: nobody can know whether it took the first.
. tests/nodes/speak.sh
begin
take
finish
take
say c1 '{"type":"error","in_reply_to":1,"code":11,"text":"read only"}'
finish
while take; do finish; done

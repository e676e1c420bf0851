# Answers with a body that no envelope is around.
. tests/nodes/speak.sh
begin
take
echo '{"type":"write_ok","in_reply_to":1}'
take

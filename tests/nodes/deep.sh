# Sends a client a very deeply nested value.
. tests/nodes/speak.sh
begin
take
nest=$(yes '[' | head -n 20000 | tr -d '\n')$(yes ']' | head -n 20000 | tr -d '\n')
say c1 "{\"type\":\"read_ok\",\"in_reply_to\":1,\"value\":$nest}"
finish
take

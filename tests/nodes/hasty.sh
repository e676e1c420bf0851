# Sends a message before it answers init.
. tests/nodes/speak.sh
take
say s0 '{"type":"hello"}'
take

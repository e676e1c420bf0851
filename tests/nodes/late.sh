# Puts out a text ($2) when the server s1 has begun (there is the file $3), and then makes a file ($4) that says so.
. tests/nodes/speak.sh
begin
until [ -e "$3" ]; do :; done
printf "$2"
: >"$4"
take

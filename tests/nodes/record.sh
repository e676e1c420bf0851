# record.sh SERVER FILE: our gossip server, with every line that it gets (`> `) and puts out (`< `) kept in FILE.
# sed writes a line to /dev/stderr before it passes it on, so FILE has the lines in the order in which they were said.
{ sed -u 'h;s/^/> /;w /dev/stderr
g' | "$1" --protocol gossip | sed -u 'h;s/^/< /;w /dev/stderr
g'; } 2>> "$2"

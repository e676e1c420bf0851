# flip.sh SERVER EXPRESSION: our gossip server, with every line that it puts out edited by sed.
# -u: sed passes each line on at once. The server reads the master's pipe itself, and leaves when the master closes it.
"$1" --protocol gossip | sed -u "$2"

//! The blocks of a chain, read from what `printBlockchain` prints.

use splitbrain::base::NodeName;

use super::history::Request;

/// A block: `2 put a 1 client=c1 request=1 nonce=4 previous=0b54… hash=97ac…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    pub height: u64,
    /// The operation's canonical text.
    pub operation: String,
    pub request: Request,
    pub previous: String,
    pub hash: String,
}

/// The chain that stands in these lines.
pub fn read(lines: &[String]) -> Vec<Block> {
    lines.iter().map(|line| block(line).unwrap_or_else(|| panic!("{line:?} is no block"))).collect()
}

fn block(line: &str) -> Option<Block> {
    // From the end: an operation may contain any words.
    let mut words = line.rsplitn(6, ' ');
    let mut field = |name: &str| words.next()?.strip_prefix(name)?.strip_prefix('=').map(str::to_owned);
    let (hash, previous, _nonce) = (field("hash")?, field("previous")?, field("nonce")?);
    let sequence = field("request")?.parse().ok()?;
    let client = field("client")?.strip_prefix('c')?.parse().ok()?;
    let (height, operation) = words.next()?.split_once(' ')?;
    let request = (NodeName::client(client), sequence);
    Some(Block { height: height.parse().ok()?, operation: operation.to_owned(), request, previous, hash })
}

//! What is wrong with a text that is no YAML, in the words of someone who writes scripts.

use granit_parser::{ErrorKind, Options, ScanError, Span};

use crate::base::limits;
use crate::script::invocation::Place;
use crate::script::mistake::Mistake;
use crate::script::yaml::lines::SourceLines;

/// How a document is read: what scripts have no use for is found, and refused where it stands.
pub(super) fn options() -> Options {
    granit_parser::options! {
        disallow_directives: true,
        emit_unresolved_aliases: true,
        emit_anchor_events: true,
        max_buffered_comment_events: limits::YAML_BYTES,
        flow_nesting_limit: limits::YAML_DEPTH,
        block_nesting_limit: limits::YAML_DEPTH,
    }
}

/// The mistake that the parser found.
/// `open` is where the innermost bracket stands that is not closed.
pub(super) fn what_is_wrong(error: &ScanError, lines: &SourceLines<'_>, open: Option<Place>) -> Mistake {
    let place = lines.place(&Span::empty(*error.marker()));
    let (message, label, help) = in_words(error.kind());
    let place = if label == TAB { lines.tab_at(place) } else { place };
    let help = if lines.is_glued_dash(place) { GLUED } else { help };
    let mistake = Mistake::new(message, place).label(label);
    let mistake = match open.filter(|_| help == ENDS) {
        Some(open) => mistake.also(open, "it begins here"),
        None => mistake,
    };
    if help.is_empty() { mistake } else { mistake.help(help) }
}

/// What stands beside a tab.
const TAB: &str = "a tab";
const GLUED: &str = "a blank stands behind the `-` of a list";

const LISTS: &str = "a list is [a, b], or a line with `- ` for each of its elements";
const MAPPINGS: &str = "a mapping is {key: value}, or a line `key: value` for each of its keys";
const ENDS: &str = "a bracket before this is not closed; or a text that has brackets or commas in it lacks its quotes";
const QUOTED: &str =
    "a text with : # [ ] { } , & * ! | > ' \" % @ ` at its beginning, or with `: ` or ` #` in it, stands in quotes";
const INDENTED: &str = "what belongs together begins in the same column, with blanks before it";

const MISPLACED: &str = "what belongs together begins in the same column, with blanks before it; or a bracket or quote that stands \
                         before it is not closed";

/// What is wrong, what stands beside the caret, and what would be right.
fn in_words(kind: &ErrorKind) -> (String, &'static str, &'static str) {
    use ErrorKind as Kind;
    let said = |text: &str| text.to_owned();
    match kind {
        Kind::TabNotAllowed
        | Kind::TabInBlockIndentation
        | Kind::TabAtBlockScalarStart
        | Kind::TabInIndentation
        | Kind::TabInPlainScalar => (said("a tab stands where YAML takes blanks only"), TAB, INDENTED),
        Kind::RecursionLimitExceeded => {
            (format!("nested deeper than {} levels", limits::YAML_DEPTH), "one too many", "no script needs so many")
        }
        Kind::DirectiveDisallowed => {
            (said("a directive has no place in a script"), "remove this line", "a line that begins with % is one")
        }
        Kind::UnexpectedEofFlowSequence | Kind::ExpectedFlowSequenceSeparator => {
            (said("a comma or ] is missing"), "one of them is expected here", ENDS)
        }
        Kind::UnexpectedEofFlowMapping
        | Kind::UnexpectedEofImplicitFlowMapping
        | Kind::ExpectedFlowMappingSeparator => (said("a comma or } is missing"), "one of them is expected here", ENDS),
        Kind::UnclosedFlowCollection { open } => (format!("`{open}` is not closed"), "it begins here", LISTS),
        Kind::MismatchedFlowCollectionEnd { open, close } => {
            (format!("`{open}` is closed by `{close}`"), "another bracket is expected here", LISTS)
        }
        Kind::MisplacedFlowCollectionEnd => (said("a bracket closes nothing"), "remove it", LISTS),
        Kind::UnclosedQuotedScalar => (said("a quote is not closed"), "the text begins here", QUOTED),
        Kind::UnknownQuotedScalarEscape
        | Kind::InvalidQuotedScalarHexEscape
        | Kind::InvalidLowSurrogateHexEscape
        | Kind::InvalidLowSurrogate
        | Kind::MissingLowSurrogate
        | Kind::UnpairedLowSurrogate
        | Kind::InvalidUnicodeEscape => (
            said("an escape is not known"),
            "in this text",
            "in double quotes a backslash begins an escape: \\\\ is one; in single quotes it is a letter as any other",
        ),
        Kind::InvalidTrailingSingleQuotedScalar | Kind::InvalidTrailingDoubleQuotedScalar => {
            (said("something stands behind a quoted text"), "remove this, or put all of it in quotes", QUOTED)
        }
        Kind::InvalidIndentation
        | Kind::ExpectedBlockMappingKey
        | Kind::ExpectedBlockSequenceEntry
        | Kind::UnexpectedEofBlockSequence
        | Kind::UnexpectedEofBlockMapping
        | Kind::InvalidQuotedScalarIndent
        | Kind::InvalidFlowScalarIndent
        | Kind::InvalidBlockScalarIndent
        | Kind::UnexpectedEndOfPlainScalar => {
            (said("this line does not belong to what stands before it"), "indented otherwise", MISPLACED)
        }
        Kind::SimpleKeyExpected | Kind::InvalidSimpleKey => {
            (said("a `:` is missing"), "`key: value` is expected here", MAPPINGS)
        }
        Kind::MappingValueNotAllowed
        | Kind::InvalidColonPlacement
        | Kind::MappingKeyNotAllowed
        | Kind::InvalidMappingValueWhitespace
        | Kind::FlowMappingValueAdjacentCollection => {
            (said("a `:` stands where no value can begin"), "a text with `: ` in it stands in quotes", MAPPINGS)
        }
        Kind::BlockEntryInFlowCollection
        | Kind::BlockSequenceEntryNotAllowed
        | Kind::InvalidBlockEntryWhitespace
        | Kind::PlainScalarStartsWithDashFlowIndicator => (
            said("`- ` stands where no element of a list can begin"),
            "put it on a line of its own, or in quotes",
            LISTS,
        ),
        Kind::UnexpectedCharacter { character } => {
            (format!("the character {character:?} cannot stand here"), "not expected here", QUOTED)
        }
        Kind::CommentInterceptedScalar | Kind::CommentNotSeparated => {
            (said("a comment stands where none can"), "a blank stands before #, or the text in quotes", QUOTED)
        }
        Kind::ExpectedDocumentStart => (said("something stands behind the document"), "not expected here", INDENTED),
        // What is left is rare in scripts: the parser's own sentence is said.
        other => (format!("this is no YAML: {other}"), "reading ends here", ""),
    }
}

//! Values, and the operations that a key-value store knows.

pub mod literal;
pub mod operation;
pub mod value;

pub use literal::Literal;
pub use operation::Operation;
pub use value::Value;

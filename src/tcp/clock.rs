//! Real time: the only clock of servers and clients by hand, as microseconds since the process began.

use std::time::Duration;

use tokio::time::{Instant, sleep, sleep_until};

use crate::base::{Span, Time};

/// A clock that begins at zero and never goes back.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    began: Instant,
}

impl Clock {
    /// One that begins now.
    #[must_use]
    pub fn begin() -> Self {
        Self { began: Instant::now() }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Time {
        Time(u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX))
    }

    /// Waits until that time, or for ever if there is none.
    pub async fn wait_until(&self, time: Option<Time>) {
        match time {
            Some(Time(microseconds)) => sleep_until(self.began + Duration::from_micros(microseconds)).await,
            None => std::future::pending().await,
        }
    }
}

/// Waits so long.
pub async fn pause(span: Span) {
    sleep(Duration::from_micros(span.0)).await;
}

/// What comes of it, or nothing if that takes longer.
pub async fn within<T>(span: Span, work: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(Duration::from_micros(span.0), work).await.ok()
}

//! A walk whose next page is on its way while the last one is kept: reading and writing each have a
//! thread while pages are large. In which order a vendor is asked, and what is kept, is the same either
//! way. It knows no record.

use std::time::Duration;

use tokio::runtime::{Handle, RuntimeFlavor};

use crate::connectors::{Page, Pages, Result};
use crate::transport::Stopwatch;

/// Records from which a page on it is worth a thread.
const LARGE: usize = 100;

/// A walk, one page ahead.
pub(super) struct PagesAhead<'p, T> {
    pages: &'p mut dyn Pages<T>,
    next: Option<Result<Option<Page<T>>>>,
    /// Time that reading took, whatever went on meanwhile.
    spent: Duration,
}

impl<'p, T: Send> PagesAhead<'p, T> {
    pub(super) const fn new(pages: &'p mut dyn Pages<T>) -> Self {
        Self {
            pages,
            next: None,
            spent: Duration::ZERO,
        }
    }

    /// The next page, and the time that reading it took.
    pub(super) async fn next(&mut self) -> (Result<Option<Page<T>>>, Duration) {
        let page = match self.next.take() {
            Some(page) => page,
            None => timed(self.pages, &mut self.spent).await,
        };
        (page, std::mem::take(&mut self.spent))
    }

    /// Keeps a page of so many records; the next one is read meanwhile where that is worth it.
    pub(super) fn during<R>(&mut self, records: usize, keep: impl FnOnce() -> R) -> R {
        let handle = match Handle::try_current() {
            Ok(handle) if records >= LARGE => handle,
            _ => return keep(),
        };
        // A runtime of one thread could not read while that thread writes.
        if handle.runtime_flavor() != RuntimeFlavor::MultiThread {
            return keep();
        }
        let (pages, spent) = (&mut *self.pages, &mut self.spent);
        let (next, kept) = tokio::task::block_in_place(|| {
            std::thread::scope(|scope| {
                let reader = scope.spawn(|| handle.block_on(timed(pages, spent)));
                let kept = keep();
                (reader.join(), kept)
            })
        });
        match next {
            Ok(next) => self.next = Some(next),
            Err(panic) => std::panic::resume_unwind(panic),
        }
        kept
    }
}

async fn timed<T>(pages: &mut dyn Pages<T>, spent: &mut Duration) -> Result<Option<Page<T>>> {
    let begun = Stopwatch::start();
    let page = pages.next_page().await;
    *spent += begun.elapsed();
    page
}

#[cfg(test)]
mod tests {
    use futures_util::future::BoxFuture;

    use super::*;

    /// Pages of equal numbers, the last of which may be an error.
    struct Numbers {
        left: u32,
        asked: u32,
    }

    impl Pages<u32> for Numbers {
        fn next_page(&mut self) -> BoxFuture<'_, Result<Option<Page<u32>>>> {
            Box::pin(async move {
                tokio::task::yield_now().await;
                self.asked += 1;
                if self.left == 0 {
                    return Ok(None);
                }
                self.left -= 1;
                Ok(Some(Page {
                    records: vec![self.asked; 200],
                    ..Page::default()
                }))
            })
        }
    }

    async fn walk(records: usize) -> (Vec<u32>, u32) {
        let mut numbers = Numbers { left: 5, asked: 0 };
        let mut pages = PagesAhead::new(&mut numbers);
        let mut kept = Vec::new();
        while let (Ok(Some(page)), _) = pages.next().await {
            pages.during(records, || kept.push(page.records[0]));
        }
        (kept, numbers.asked)
    }

    #[test]
    fn pages_come_once_and_in_order_whatever_the_runtime() {
        let one = tokio::runtime::Builder::new_current_thread().build();
        let several = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .build();
        for runtime in [one.unwrap(), several.unwrap()] {
            for records in [1, LARGE] {
                let walked = runtime.block_on(walk(records));
                assert_eq!(walked, (vec![1, 2, 3, 4, 5], 6));
            }
            if runtime.handle().runtime_flavor() == RuntimeFlavor::MultiThread {
                // On the only worker that there is.
                let walked = runtime.block_on(runtime.spawn(walk(LARGE)));
                assert_eq!(walked.unwrap(), (vec![1, 2, 3, 4, 5], 6));
            }
        }
    }
}

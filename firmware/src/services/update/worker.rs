//! The one thread that looks, fetches and installs: it may block for minutes, and nobody waits for it but at the end.

use crate::sources::Stop;
use crate::updates::{Report, Task, Work, WorkParts};
use ota::Wanted;
use ota::fetch::Go;
use ota::install::Progress;
use std::io;
use std::sync::mpsc as threads;
use tokio::sync::{mpsc, watch};

/// The thread, begun at its first task, and again should it ever fall over.
pub(super) struct Worker {
    parts: WorkParts,
    thread: Option<Thread>,
}

struct Thread {
    /// One task at a time.
    tasks: threads::SyncSender<(Task, Stop)>,
    progress: watch::Receiver<Option<(Progress, Option<Wanted>)>>,
    reports: mpsc::Receiver<Report>,
}

impl Worker {
    pub(super) const fn new(parts: WorkParts) -> Self {
        Self {
            parts,
            thread: None,
        }
    }

    /// Gives it a task; the report follows.
    ///
    /// # Errors
    /// The system gives no thread.
    pub(super) fn begin(&mut self, task: Task, stop: Stop) -> io::Result<()> {
        let thread = match self.thread.take() {
            Some(thread) => thread,
            None => Thread::start(self.parts.clone())?,
        };
        // It takes one at a time and has none now: this does not wait.
        let given = thread.tasks.try_send((task, stop));
        given.map_err(|_| io::Error::other("the thread of the updates is gone"))?;
        self.thread = Some(thread);
        Ok(())
    }

    /// The next report; `None` when the thread fell over its task.
    pub(super) async fn report(&mut self) -> Option<Report> {
        let report = self.thread.as_mut()?.reports.recv().await;
        if report.is_none() {
            self.thread = None;
        }
        report
    }

    /// How far it is.
    pub(super) fn progress(&self) -> Option<Progress> {
        let told = self.thread.as_ref()?.progress.borrow();
        told.as_ref().map(|(progress, _)| *progress)
    }

    /// The pack that it is about.
    pub(super) fn pack(&self) -> Option<Wanted> {
        let told = self.thread.as_ref()?.progress.borrow();
        told.as_ref()?.1.clone()
    }
}

impl Thread {
    fn start(parts: WorkParts) -> io::Result<Self> {
        let (tasks, given) = threads::sync_channel::<(Task, Stop)>(1);
        let (progress, seen) = watch::channel(None);
        let (report, reports) = mpsc::channel(1);
        let body = move || {
            let mut work = Work::new(parts);
            while let Ok((task, stop)) = given.recv() {
                let done = work.carry_out(&task, &stop, &mut |now, pack| {
                    progress.send_replace(Some((now, pack.cloned())));
                    if stop.is_asked() { Go::Stop } else { Go::On }
                });
                progress.send_replace(None);
                if report.blocking_send(done).is_err() {
                    break;
                }
            }
        };
        std::thread::Builder::new()
            .name("update".to_owned())
            .spawn(body)?;
        Ok(Self {
            tasks,
            progress: seen,
            reports,
        })
    }
}

//! What can be configured of SQS queues and of the consumers that poll them.

use ordain_kernel::Span;

/// Options of the SQS model.
///
/// `Default` gives the service's own defaults. `receive_max` is one (`MaxNumberOfMessages` defaults to one),
/// so that a message's visibility timeout starts when its handling does.
///
/// ```
/// use ordain_brokers::sqs::SqsOptions;
/// assert_eq!(SqsOptions::default().visibility_timeout.to_string(), "30s");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqsOptions {
    /// `VisibilityTimeout`: how long a received message stays hidden from other receives.
    pub visibility_timeout: Span,
    /// `MaxNumberOfMessages`: the most messages of one receive, 1 to 10. A consumer receives again when it
    /// has settled all of them.
    pub receive_max: u32,
}

impl Default for SqsOptions {
    fn default() -> Self {
        SqsOptions { visibility_timeout: Span::from_secs(30), receive_max: 1 }
    }
}

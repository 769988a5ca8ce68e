//! Label values as closed enums. A value that isn't here can't become a series, so that no client
//! can grow the catalogue.

/// A closed set of label values.
pub trait Label: Copy + 'static {
    /// The label's name.
    const NAME: &'static str;
    /// Every value, in the order of [`Label::index`].
    const ALL: &'static [Self];

    /// The value as scrapers see it.
    fn as_str(self) -> &'static str;

    /// Its place in [`Label::ALL`].
    fn index(self) -> usize;

    /// The value with that text.
    #[must_use]
    fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|value| value.as_str() == text)
    }
}

macro_rules! labels {
    ($($(#[$meta:meta])* $name:ident($label:literal) {
        $($variant:ident = $text:literal,)+
    })+) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)+
        }

        impl Label for $name {
            const NAME: &'static str = $label;
            const ALL: &'static [Self] = &[$(Self::$variant,)+];

            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    )+};
}

labels! {
    /// How a session's messages travel.
    Transport("transport") {
        WebSocket = "websocket",
        SocketIo = "socketio",
        Polling = "polling",
    }

    /// What kind of operation was asked for.
    OpKind("kind") {
        CourseCreate = "course_create",
        CourseUpdate = "course_update",
        CourseMove = "course_move",
        CourseDelete = "course_delete",
        ResourceUpsert = "resource_upsert",
        ResourceDelete = "resource_delete",
        TemplateSave = "template_save",
        TemplateDelete = "template_delete",
        TemplateApply = "template_apply",
        Batch = "batch",
        Undo = "undo",
        Redo = "redo",
        Restore = "restore",
        PolicySet = "policy_set",
    }

    /// What became of an operation: committed, a repeat, tried without effect, or the error code.
    Outcome("outcome") {
        Committed = "committed",
        Duplicate = "duplicate",
        DryRun = "dry_run",
        Forbidden = "forbidden",
        NotFound = "not_found",
        Invalid = "invalid",
        Conflict = "conflict",
        Stale = "stale",
        Locked = "locked",
        RateLimited = "rate_limited",
        Busy = "busy",
        Unavailable = "unavailable",
        Internal = "internal",
    }

    /// Why a member had to join again.
    ResyncReason("reason") {
        RoomRestarted = "room_restarted",
        LogReplaced = "log_replaced",
        DigestMismatch = "digest_mismatch",
    }

    /// Whose limit was reached.
    LimitScope("scope") {
        Session = "session",
        Presence = "presence",
        Tenant = "tenant",
        Connections = "connections",
    }

    /// How the bus to other replicas does.
    BusLink("link") {
        Alone = "alone",
        Up = "up",
        Degraded = "degraded",
        Down = "down",
    }

    /// Why a token was refused.
    AuthFailure("reason") {
        Missing = "missing",
        Invalid = "invalid",
        Expired = "expired",
    }

    /// What a pooled connection does.
    PoolState("state") {
        InUse = "in_use",
        Idle = "idle",
        Waiting = "waiting",
    }

    /// Whether repeating a failed store call may help.
    StoreFailure("kind") {
        Unavailable = "unavailable",
        Failed = "failed",
    }

    /// What became of a recorded span: the collector took it, it was sent in vain, or too many waited.
    SpanFate("fate") {
        Exported = "exported",
        Failed = "failed",
        Dropped = "dropped",
    }

    /// What told a replica to go away.
    Notice("notice") {
        Terminate = "sigterm",
        Interrupt = "sigint",
        Operator = "operator",
        Event = "event",
        Target = "target",
    }

    /// What a replica that goes away is about.
    DrainStep("step") {
        Sessions = "sessions",
        Rooms = "rooms",
        Bus = "bus",
        Polls = "polls",
        Requests = "requests",
    }

    /// Class of an HTTP route.
    Route("route") {
        Rooms = "rooms",
        Members = "members",
        Snapshot = "snapshot",
        Events = "events",
        Ops = "ops",
        Participants = "participants",
        Calendar = "calendar",
        Feed = "feed",
        Operator = "operator",
        Contract = "contract",
        WebSocket = "websocket",
        Probe = "probe",
        Metrics = "metrics",
        Board = "board",
        Other = "other",
    }

    /// Class of an HTTP status.
    Status("status") {
        Informational = "1xx",
        Success = "2xx",
        Redirect = "3xx",
        ClientError = "4xx",
        ServerError = "5xx",
    }
}

impl Status {
    /// The class of a status code.
    #[must_use]
    pub fn of(code: u16) -> Self {
        match code {
            ..200 => Self::Informational,
            200..300 => Self::Success,
            300..400 => Self::Redirect,
            400..500 => Self::ClientError,
            500.. => Self::ServerError,
        }
    }
}

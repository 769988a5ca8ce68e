//! Server processes that cannot outlive the test process, not even one that ends by SIGKILL.
//!
//! A [`Home`] is a temporary folder with a keeper: a small shell process that reads from a pipe
//! whose other end only the test process holds. When that end goes away, the keeper kills whatever
//! was started in the folder and removes it. A parent death signal would be shorter, but it follows
//! the *thread* that spawned, is lost on a change of user and exists on Linux only.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::OnceLock;

use tokio::sync::{oneshot, watch};

/// Waits for the end of the pipe, then clears up. A process whose file is not there yet sees
/// `closing` and does not start. PostgreSQL that was killed leaves a System V segment behind, which
/// its lock file names.
const KEEPER: &str = r#"
trap '' HUP INT TERM
cat >/dev/null
: >"$1/closing"
for entry in "$1"/pids/*; do
    pid=${entry##*/}
    [ "$pid" = '*' ] && break
    kill -9 "$pid" $(cat "/proc/$pid/task/$pid/children" 2>/dev/null) 2>/dev/null
done
[ -f "$1/data/postmaster.pid" ] && ipcrm -m "$(sed -n 7p "$1/data/postmaster.pid" | awk '{print $2}')" 2>/dev/null
rm -rf "$1" || { sleep 1; rm -rf "$1"; }
"#;

/// Writes its own process id where the keeper looks, then becomes the server.
const STARTER: &str = r#"
home=$1
shift
: >"$home/pids/$$" || exit 70
[ ! -e "$home/closing" ] || exit 70
exec "$@"
"#;

/// A temporary folder and all processes that run in it; both go away when it is dropped or when the
/// test process ends.
#[derive(Debug)]
pub struct Home {
    path: PathBuf,
    keeper: Child,
    user: Option<User>,
}

impl Home {
    /// A new folder for processes of the user who runs the tests.
    pub fn new() -> Self {
        Self::of(None)
    }

    /// A new folder for a server that refuses to run as root: the same as [`Home::new`], except for
    /// root, whose processes here run as `user`.
    pub fn unprivileged(user: &str) -> Self {
        Self::of(is_root().then(|| User::named(user)))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Starts a program in the folder, with its output in the file `log`. It also gets a
    /// process group of its own, so that Ctrl-C reaches the test alone.
    pub async fn spawn(&self, log: &str, program: &Path, arguments: &[String]) -> Process {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", STARTER, "sh"]).arg(&self.path).arg(program).args(arguments);
        self.launch(log, command).await
    }

    /// The same with a changed environment.
    pub async fn spawn_with(
        &self,
        log: &str,
        program: &Path,
        environment: impl IntoIterator<Item = (String, Option<String>)>,
    ) -> Process {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", STARTER, "sh"]).arg(&self.path).arg(program);
        for (name, value) in environment {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.launch(log, command).await
    }

    /// The last lines of a log file.
    pub fn log_tail(&self, log: &str) -> String {
        let text = std::fs::read(self.path.join(log)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let skip = text.lines().count().saturating_sub(40);
        text.lines().skip(skip).collect::<Vec<_>>().join("\n")
    }

    fn of(user: Option<User>) -> Self {
        let folder = tempfile::Builder::new().prefix("kyo-").tempdir().expect("a temporary folder");
        let path = folder.keep();
        std::fs::create_dir(path.join("pids")).expect("the folder is ours");
        if let Some(user) = user {
            user.own(&path);
            user.own(&path.join("pids"));
        }
        let keeper = Command::new("/bin/sh")
            .args(["-c", KEEPER, "keeper"])
            .arg(&path)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Self { path, keeper, user }
    }

    async fn launch(&self, log: &str, mut command: Command) -> Process {
        let path = self.path.join(log);
        let log = File::options().create(true).append(true).open(path).expect("a writable folder");
        command
            .current_dir(&self.path)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log);
        if let Some(user) = self.user {
            command.uid(user.uid).gid(user.gid);
        }
        Process::of(command, self.path.join("pids")).await
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        // Nothing is left when the test goes on; a keeper that somebody killed cannot be helped.
        let _ = self.keeper.wait();
    }
}

/// A started process. Copies name the same process; it lives until it is killed or its [`Home`]
/// goes.
#[derive(Clone, Debug)]
pub struct Process {
    pid: u32,
    ended: watch::Receiver<Option<ExitStatus>>,
}

impl Process {
    /// Spawns and reaps on a thread of its own: the runtime that starts a server may be gone long
    /// before the server is.
    async fn of(mut command: Command, pids: PathBuf) -> Self {
        let (started, pid) = oneshot::channel();
        let (end, ended) = watch::channel(None);
        std::thread::spawn(move || {
            let mut child = command.spawn().expect("the program is installed");
            let _ = started.send(child.id());
            let status = child.wait().expect("the child is ours");
            let _ = std::fs::remove_file(pids.join(child.id().to_string()));
            end.send_replace(Some(status));
        });
        Self { pid: pid.await.expect("the program was started"), ended }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// How it ended, if it did.
    pub fn status(&self) -> Option<ExitStatus> {
        *self.ended.borrow()
    }

    /// Waits for its end.
    pub async fn ended(&self) -> ExitStatus {
        let mut ended = self.ended.clone();
        let status = ended.wait_for(Option::is_some).await.expect("the thread reports the end");
        status.expect("just waited for")
    }

    /// Sends it a signal by name; a process that has ended gets none.
    pub fn signal(&self, name: &str) {
        if self.status().is_none() {
            signal(name, &[self.pid.to_string()]);
        }
    }

    /// Sends it and its children a signal by name.
    pub fn signal_tree(&self, name: &str) {
        if self.status().is_some() {
            return;
        }
        // A parent that is stopped starts no further children, so none is missed.
        signal("STOP", &[self.pid.to_string()]);
        let children = format!("/proc/{0}/task/{0}/children", self.pid);
        let children = std::fs::read_to_string(children).unwrap_or_default();
        let mut pids: Vec<String> = children.split_whitespace().map(str::to_owned).collect();
        pids.push(self.pid.to_string());
        signal(name, &pids);
    }
}

/// A child that has gone in the meantime makes `kill` complain, and that is fine.
fn signal(name: &str, pids: &[String]) {
    let mut kill = Command::new("kill");
    kill.arg(format!("-{name}")).args(pids).stderr(Stdio::null());
    let _ = kill.status().expect("kill exists");
}

/// Whether the tests run as root, for which some servers refuse to work.
fn is_root() -> bool {
    static ROOT: OnceLock<bool> = OnceLock::new();
    *ROOT.get_or_init(|| id(&["-u"]) == Some(0))
}

#[derive(Clone, Copy, Debug)]
struct User {
    uid: u32,
    gid: u32,
}

impl User {
    fn named(name: &str) -> Self {
        let find = |flag| id(&[flag, name]).unwrap_or_else(|| panic!("there is no user {name}"));
        Self { uid: find("-u"), gid: find("-g") }
    }

    fn own(self, path: &Path) {
        std::os::unix::fs::chown(path, Some(self.uid), Some(self.gid)).expect("root may do this");
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().expect("id exists");
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

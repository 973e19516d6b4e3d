"""What the end-to-end scripts share: a real Dovecot with a certificate from a test CA, an OAuth2 token endpoint,
configuration files for intake, and a way to look at the mailbox independently of intake (imaplib)."""

import contextlib, email, email.policy, glob, grp, hashlib, http.server, imaplib, json, os, pwd, shutil, signal, socket, ssl, subprocess
import tempfile, threading, time, urllib.parse

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def run(*argv, **kw):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **kw)


def make_certificates(folder):
    """A test CA, a certificate for localhost from it, and another CA that signed nothing."""
    for name in ("ca", "other-ca"):
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN=test {name}",
            "-keyout", f"{folder}/{name}.key", "-out", f"{folder}/{name}.pem",
            "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign")
    with open(f"{folder}/ext", "w") as f:
        f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n")
    run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost",
        "-keyout", f"{folder}/server.key", "-out", f"{folder}/server.csr")
    run("openssl", "x509", "-req", "-in", f"{folder}/server.csr", "-CA", f"{folder}/ca.pem", "-CAkey",
        f"{folder}/ca.key", "-CAcreateserial", "-days", "2", "-extfile", f"{folder}/ext", "-out", f"{folder}/server.pem")


class Dovecot:
    """Dovecot on loopback: imaps and imap with STARTTLS required, Maildirs under its folder.

    Any user may sign in with the password `secret`. With `introspection` the OAuth2 mechanisms are offered too,
    each token being checked at that URL.
    """

    def __init__(self, folder, introspection=None, extra=""):
        self.folder = folder
        self.imaps, self.imap = free_port(), free_port()
        me = pwd.getpwuid(os.getuid())
        # Dovecot refuses mail access as root, so root serves mail as another user.
        self.mail_user = pwd.getpwnam("mail") if me.pw_uid == 0 else me
        for name in ("run", "state", "mail", "tls"):
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        os.chmod(folder, 0o755)
        os.chown(f"{folder}/mail", self.mail_user.pw_uid, self.mail_user.pw_gid)
        make_certificates(f"{folder}/tls")
        oauth2 = ""
        if introspection:
            with open(f"{folder}/oauth2.conf", "w") as f:
                f.write(f"introspection_mode = post\nintrospection_url = {introspection}\nusername_attribute = username\n"
                        "active_attribute = active\nactive_value = true\n")
            oauth2 = ("passdb {\n driver = oauth2\n mechanisms = xoauth2 oauthbearer\n"
                      f" args = {folder}/oauth2.conf\n}}\n")
        users = f"default_internal_user = {me.pw_name}\ndefault_login_user = {me.pw_name}\n" if me.pw_uid else ""
        mechanisms = "plain login scram-sha-1 scram-sha-256" + (" xoauth2 oauthbearer" if introspection else "")
        with open(f"{folder}/dovecot.conf", "w") as f:
            f.write(f"""protocols = imap
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
{users}ssl = required
ssl_cert = <{folder}/tls/server.pem
ssl_key = <{folder}/tls/server.key
disable_plaintext_auth = yes
auth_mechanisms = {mechanisms}
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
mail_fsync = never
mail_max_userip_connections = 50
{oauth2}passdb {{
 driver = static
 args = password=secret
 mechanisms = plain login scram-sha-1 scram-sha-256
}}
userdb {{
 driver = static
 args = uid={self.mail_user.pw_uid} gid={self.mail_user.pw_gid} home={folder}/mail/%u
}}
namespace inbox {{
 inbox = yes
}}
service imap-login {{
 chroot =
 process_limit = 200
 inet_listener imap {{
  address = 127.0.0.1
  port = {self.imap}
 }}
 inet_listener imaps {{
  address = 127.0.0.1
  port = {self.imaps}
  ssl = yes
 }}
}}
service anvil {{
 chroot =
}}
service imap {{
 process_limit = 200
}}
{extra}
""")
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        dovecot = shutil.which("dovecot") or "/usr/sbin/dovecot"
        self.process = subprocess.Popen([dovecot, "-F", "-c", f"{self.folder}/dovecot.conf"], start_new_session=True)
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.imaps), 1).close()
                return
            time.sleep(0.1)
        raise SystemExit("dovecot did not start; see " + self.folder + "/dovecot.log")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            # Its children may outlive it, and go on serving connections.
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process = None

    @property
    def ca(self):
        return f"{self.folder}/tls/ca.pem"

    @property
    def other_ca(self):
        return f"{self.folder}/tls/other-ca.pem"

    def deliver(self, user, messages, start=0):
        """Puts messages into the user's inbox as a delivery agent would."""
        base = f"{self.folder}/mail/{user}"
        for name in ("", "/cur", "/new", "/tmp"):
            os.makedirs(base + name, exist_ok=True)
            os.chown(base + name, self.mail_user.pw_uid, self.mail_user.pw_gid)
        now = int(time.time())
        for index, message in enumerate(messages):
            name = f"{now}.M{start + index:06d}P1.test"
            with open(f"{base}/tmp/{name}", "wb") as f:
                f.write(message)
            os.chown(f"{base}/tmp/{name}", self.mail_user.pw_uid, self.mail_user.pw_gid)
            os.rename(f"{base}/tmp/{name}", f"{base}/new/{name}")

    def connect(self, user, password="secret"):
        context = ssl.create_default_context(cafile=self.ca)
        client = imaplib.IMAP4_SSL("localhost", self.imaps, ssl_context=context)
        client.login(user, password)
        return client

    def digests(self, user, folder="INBOX"):
        """UID -> (SHA-256 of the message as served, flags): what the mailbox holds, as another client sees it."""
        client = self.connect(user)
        client.select(folder, readonly=True)
        status, data = client.uid("FETCH", "1:*", "(FLAGS BODY.PEEK[])")
        found = {}
        for item in data:
            if isinstance(item, tuple):
                head = item[0].decode()
                uid = int(head.split("UID ")[1].split()[0].rstrip(")"))
                flags = head.split("FLAGS (")[1].split(")")[0].split()
                found[uid] = (hashlib.sha256(item[1]).hexdigest(), flags)
        client.logout()
        return found


class Exim:
    """Debian's Exim as a submission server on loopback: STARTTLS and TLS with a test certificate, AUTH PLAIN and LOGIN
    as `intake` with the password `secret`, everything delivered into one Maildir. Nothing of /etc is read.

    Recipients at refused.example are refused for good, at later.example for now, and texts for spam.example after DATA.
    """

    def __init__(self, folder):
        self.folder = folder
        self.submission, self.tls = free_port(), free_port()
        me = pwd.getpwuid(os.getuid())
        self.user = pwd.getpwnam("Debian-exim") if me.pw_uid == 0 else me
        group = grp.getgrgid(self.user.pw_gid).gr_name
        for name in ("", "spool", "log", "mail", "tls"):
            os.makedirs(f"{folder}/{name}", exist_ok=True)
        make_certificates(f"{folder}/tls")
        for root, folders, files in os.walk(folder):
            os.chown(root, self.user.pw_uid, self.user.pw_gid)
            for name in files:
                os.chown(f"{root}/{name}", self.user.pw_uid, self.user.pw_gid)
        self.configuration = f"{folder}/exim.conf"
        with open(self.configuration, "w") as f:
            f.write(f"""exim_user = {self.user.pw_name}
exim_group = {group}
primary_hostname = mail.test.example
keep_environment =
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
pid_file_path = {folder}/exim.pid
local_interfaces = 127.0.0.1
daemon_smtp_ports = {self.submission} : {self.tls}
tls_on_connect_ports = {self.tls}
tls_advertise_hosts = *
tls_certificate = {folder}/tls/server.pem
tls_privatekey = {folder}/tls/server.key
auth_advertise_hosts = ${{if eq{{$tls_in_cipher}}{{}}{{}}{{*}}}}
deliver_drop_privilege = true
rfc1413_query_timeout = 0s
host_lookup =
smtp_enforce_sync = true
acl_smtp_mail = mail
acl_smtp_rcpt = recipient
acl_smtp_data = text
log_selector = +received_recipients +tls_cipher +smtp_incomplete_transaction
begin acl
mail:
  deny !encrypted = *
       message = 5.7.0 TLS first
  deny !authenticated = *
       message = 5.7.0 sign in first
  accept
recipient:
  deny domains = refused.example
       message = 5.1.1 no such user
  defer domains = later.example
       message = 4.2.0 try again
  accept
text:
  deny condition = ${{if match{{$recipients}}{{spam.example}}}}
       message = 5.7.1 not this text
  accept
begin routers
everything:
  driver = accept
  transport = maildir
begin transports
maildir:
  driver = appendfile
  directory = {folder}/mail
  maildir_format
  envelope_to_add
  return_path_add
  user = {self.user.pw_name}
  group = {group}
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{intake}}}}{{eq{{$auth3}}{{secret}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{intake}}}}{{eq{{$auth2}}{{secret}}}}}}}}
  server_set_id = $auth1
""")
        self.process = None

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def start(self):
        exim = shutil.which("exim4") or "/usr/sbin/exim4"
        self.process = subprocess.Popen([exim, "-bdf", "-q10m", "-C", self.configuration], start_new_session=True)
        for _ in range(100):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.submission), 1).close()
                return
            time.sleep(0.1)
        raise SystemExit("exim did not start; see " + self.folder + "/log")

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait(10)
            with contextlib.suppress(OSError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process = None

    @property
    def ca(self):
        return f"{self.folder}/tls/ca.pem"

    @property
    def other_ca(self):
        return f"{self.folder}/tls/other-ca.pem"

    def accepted(self):
        """Message-ID -> how often the server took it, as its own log says."""
        found = {}
        with contextlib.suppress(OSError), open(f"{self.folder}/log/mainlog", errors="replace") as f:
            for line in f:
                if " <= " in line and " id=" in line:
                    message_id = line.split(" id=")[1].split()[0]
                    found[message_id] = found.get(message_id, 0) + 1
        return found

    def delivered(self):
        """The messages in the Maildir, parsed by Python's own parser."""
        found = []
        for path in sorted(glob.glob(f"{self.folder}/mail/new/*")):
            with open(path, "rb") as f:
                found.append(email.message_from_binary_file(f, policy=email.policy.default))
        return found


class TokenEndpoint:
    """An OAuth2 token endpoint and introspection endpoint over HTTPS (RFC 6749, RFC 7662) for tests."""

    def __init__(self, tls, user, lifetime=3600):
        self.user, self.lifetime, self.fail = user, lifetime, None
        self.tokens, self.requests = {}, []
        endpoint = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, status, body):
                data = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def do_POST(self):
                form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
                if self.path == "/introspect":
                    token = form.get("token", "")
                    valid = endpoint.tokens.get(token, 0) > time.time()
                    return self.answer(200, {"active": valid, "username": endpoint.user})
                endpoint.requests.append(form)
                if endpoint.fail:
                    return self.answer(400, {"error": endpoint.fail, "error_description": "refused for the test"})
                good = (form.get("grant_type") == "refresh_token" and form.get("refresh_token") == "refresh-1") or (
                    form.get("grant_type") == "client_credentials" and form.get("client_secret") == "client-secret")
                if not good:
                    return self.answer(400, {"error": "invalid_grant"})
                token = f"token-{len(endpoint.tokens) + 1}"
                endpoint.tokens[token] = time.time() + endpoint.lifetime
                self.answer(200, {"access_token": token, "token_type": "Bearer", "expires_in": endpoint.lifetime})

        def serve(secure):
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
            if secure:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(f"{tls}/server.pem", f"{tls}/server.key")
                server.socket = context.wrap_socket(server.socket, server_side=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            return server

        self.secure, self.plain = serve(True), serve(False)
        self.url = f"https://localhost:{self.secure.server_port}/token"
        self.introspection = f"http://127.0.0.1:{self.plain.server_port}/introspect"


def messages_of(folder, count, name="e2e"):
    """`count` messages: the files of a folder, and then the same again with a header that sets them apart."""
    paths = sorted(p for p in glob.glob(f"{folder}/**/*", recursive=True)
                   if os.path.isfile(p) and os.path.getsize(p) < 4 << 20
                   and not p.endswith((".json", ".tsv", ".md", ".txt~")))
    result, round_number = [], 0
    while len(result) < count:
        for path in paths:
            with open(path, "rb") as f:
                data = f.read()
            if data.startswith(b"From "):
                data = data[data.index(b"\n") + 1:] if b"\n" in data else data
            if round_number:
                data = f"X-{name}-copy: {round_number}\n".encode() + data
            if data:
                result.append(data)
            if len(result) == count:
                break
        round_number += 1
    return result


class Intake:
    """The program under test, with a configuration of its own."""

    def __init__(self, binary, folder, mailboxes, extra=""):
        self.binary, self.folder = binary, folder
        self.data = f"{folder}/data"
        os.makedirs(folder, exist_ok=True)
        with open(f"{folder}/password", "w") as f:
            f.write("secret\n")
        os.chmod(f"{folder}/password", 0o600)
        self.config = f"{folder}/intake.yaml"
        entries = "\n".join("  - " + "\n    ".join(lines) for lines in mailboxes)
        with open(self.config, "w") as f:
            f.write(f"""organisation:
  name: Meridian Medical Protection
  domains: [meridian-mutual.example]
  addresses: [complaints@meridian-mutual.example]
data: {self.data}
taxonomy: {ROOT}/config/taxonomy.yaml
deadlines:
  directory: {ROOT}/config
  default: [policy]
mailboxes:
{entries}
{extra}
""")

    def __call__(self, *args, check=True, timeout=300, **kw):
        done = subprocess.run([self.binary, "--config", self.config, *args], capture_output=True, text=True,
                              timeout=timeout, **kw)
        if check and done.returncode != 0:
            raise SystemExit(f"intake {' '.join(args)}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def start(self, *args, **kw):
        return subprocess.Popen([self.binary, "--config", self.config, *args], **kw)

    def stored(self):
        """The digests in mail/, each recomputed from its bytes."""
        found = set()
        for path in glob.glob(f"{self.data}/mail/*/*.eml"):
            with open(path, "rb") as f:
                digest = hashlib.sha256(f.read()).hexdigest()
            assert os.path.basename(path) == digest + ".eml", path
            found.add(digest)
        return found

    def ledger(self, mailbox):
        """Arrivals and outcomes by (uidvalidity, uid), read independently of intake."""
        arrivals, outcomes = {}, {}
        for path in sorted(glob.glob(f"{self.data}/ledger/{mailbox}/*.jsonl")):
            with open(path) as f:
                for line in f:
                    if not line.endswith("\n"):
                        continue
                    entry = json.loads(line)
                    key = (entry.get("uidvalidity"), entry.get("uid"))
                    if entry["event"] == "arrival":
                        arrivals.setdefault(key, []).append(entry["sha256"])
                    elif entry["event"] == "outcome":
                        outcomes.setdefault(key, []).append((entry["outcome"], entry.get("case")))
        return arrivals, outcomes

    def cases(self):
        """Case id -> digests of the messages its events hold."""
        found = {}
        for path in glob.glob(f"{self.data}/cases/*/*/0*.json"):
            with open(path) as f:
                event = json.load(f)
            details = event["details"]
            message = (details.get("recorded") or details.get("follow_up") or {}).get("message")
            if message:
                found.setdefault(event["case"], []).append(message["sha256"])
        return found


def password_mailbox(name, server, user, ca, *more):
    return [f"name: {name}", f"server: {server}", "folder: INBOX", f"user: {user}", f"ca_file: {ca}",
            "password: {file: password}", "from: all", *more]


def check(condition, what):
    if not condition:
        raise SystemExit(f"FAILED: {what}")
    print(f"ok  {what}", flush=True)


@contextlib.contextmanager
def workspace():
    folder = tempfile.mkdtemp(prefix="intake-e2e-")
    os.chmod(folder, 0o755)
    try:
        yield folder
    except BaseException:
        print(f"left for a look: {folder}", flush=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def measured(argv, **kw):
    """Runs a process to its end: wall seconds, peak resident KiB, its output, its exit code.

    The peak is read from /proc while it runs: wait4's ru_maxrss also counts what the parent held at the fork.
    """
    start = time.monotonic()
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **kw)
    peak = 0

    def watch():
        nonlocal peak
        while process.poll() is None:
            with contextlib.suppress(OSError, ValueError):
                for line in open(f"/proc/{process.pid}/status"):
                    if line.startswith("VmHWM"):
                        peak = max(peak, int(line.split()[1]))
            time.sleep(0.01)

    watcher = threading.Thread(target=watch)
    watcher.start()
    text = process.stdout.read()
    watcher.join()
    return time.monotonic() - start, peak, text, process.returncode

"""What the rules of rules.yaml find, and what they let pass; it is scanned and never run."""

# ruleid: no-shell, programs-are-started-in-one-place
subprocess.run("ls", shell=True)
# ruleid: no-shell
os.system("ls")
# ruleid: programs-are-started-in-one-place
subprocess.Popen(["ls"])

# ruleid: the-environment-is-read-in-one-place
region = os.environ["REGION"]
# ruleid: the-environment-is-read-in-one-place
region = os.getenv("REGION")

# ruleid: urls-are-fetched-through-the-guard
urllib.request.urlopen(url)
# ruleid: urls-are-fetched-through-the-guard
httpx2.get(url)
# ruleid: urls-are-fetched-through-the-guard
httpx2.Client(trust_env=False)
# ruleid: urls-are-fetched-through-the-guard
socket.create_connection((host, 80))
# ok: urls-are-fetched-through-the-guard
httpx2.Client(transport=Transport(Network(meter, policy, stack)), timeout=5, trust_env=False)

# ruleid: certificates-are-checked, urls-are-fetched-through-the-guard
httpx2.stream("GET", url, verify=False)
# ruleid: certificates-are-checked
context.check_hostname = False

# ruleid: expressions-are-not-built-of-values
Condition(f"#status = {status}")
# ruleid: expressions-are-not-built-of-values
Condition("#status = " + status)
# ruleid: expressions-are-not-built-of-values
client.query(TableName=name, FilterExpression=f"tag = {tag}")
# ok: expressions-are-not-built-of-values
Condition("#status = :status", {"status": status})

# ruleid: no-code-out-of-data
pickle.loads(data)
# ruleid: no-code-out-of-data
yaml.load(text)
# ruleid: no-code-out-of-data
eval(text)

# ruleid: no-headers-or-bodies-in-the-log
logger.info("called", headers=request.headers)
# ruleid: no-headers-or-bodies-in-the-log
logger.info(f"called with {request.body}")
# ruleid: no-headers-or-bodies-in-the-log
logger.exception("failed", event=event)
# ok: no-headers-or-bodies-in-the-log
logger.info("called", job=event["job"])


def tell(location, run, client):
    # ruleid: no-secret-in-the-log
    run.log(f"loading {location.full_url}")
    # ok: no-secret-in-the-log
    run.log(f"loading {public(location.full_url)}")
    link = client.generate_presigned_url("get_object")
    # ruleid: no-secret-in-the-log
    logger.info("made", link=link)
    word = location.password.get_secret_value()
    # ruleid: no-secret-in-the-log
    raise ValueError(f"{word} is wrong")


def check(key, body, mac, stored):
    # ruleid: a-mac-is-compared-in-constant-time
    if hmac.new(key, body, "sha256").digest() == mac:
        return True
    # ok: a-mac-is-compared-in-constant-time
    return hmac.compare_digest(mac, hmac.digest(key, body, "sha256"))


def convert(run):
    # ruleid: ffmpeg-is-started-hardened
    run.execute(["ffmpeg", "-i", "a", "b"])
    # ok: ffmpeg-is-started-hardened
    ffmpeg.run_ffmpeg(run, ffmpeg.command(inputs, outputs), None)

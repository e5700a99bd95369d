"""HLS in the page: it plays by the job's links, and what else a playlist names is not fetched."""

import pytest
from playwright.sync_api import expect

from tests.console.tenant import Tenant
from tests.console.visit import Visit
from tests.e2e.task import get
from tests.server.http import Handler, listen, serve
from tests.stack import RunningStack

SECONDS = 4
CLIP = {
    "tool": "ffmpeg:cmd",
    "parameters": {
        "outputs": ["made.mp4"],
        "arguments": [
            *("-f", "lavfi", "-i", f"testsrc2=duration={SECONDS}:size=256x144:rate=25"),
            *("-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}"),
            *(
                "-c:v",
                "libx264",
                "-preset",
                "ultrafast",
                "-pix_fmt",
                "yuv420p",
                "-c:a",
                "aac",
                "{out:made.mp4}",
            ),
        ],
    },
}


def _package(**more: object) -> dict[str, object]:
    renditions = [{"height": height} for height in (144, 72)]
    # A name that stands otherwise in a URL.
    parameters = {"name": "50% of #1", "renditions": renditions, "segment_seconds": 1, **more}
    return {"tool": "media:package", "parameters": parameters}


def _asked(visit: Visit) -> list[str]:
    """The URLs of what the page will have asked for from now on."""
    urls: list[str] = []
    visit.page.on("request", lambda request: urls.append(request.url))
    return urls


@pytest.mark.parametrize("single_file", [False, True], ids=["segments", "ranges"])
def test_a_package_plays_with_its_sound_to_its_end(member: Visit, tenant: Tenant, single_file: bool) -> None:
    job_id = tenant.submit(CLIP, _package(single_file=single_file))
    job = tenant.wait(job_id)
    assert job["status"] == "Success", job["error"]
    asked = _asked(member)
    member.open(f"/jobs/{job_id}")
    start = member.button("Play “50% of #1/master.m3u8”")
    expect(start).to_be_visible()
    # Of a package, its parts cannot be played on their own.
    play = member.page.get_by_role("button", name="Play")
    expect(play).to_have_count(3)
    assert not [url for url in asked if "/stream-" in url]
    assert member.barriers() == []

    start.click()
    member.until("document.querySelector('video')?.currentTime > 0.5")
    video = member.page.locator("video")
    assert video.evaluate("(video) => [video.error, Math.round(video.duration)]") == [None, SECONDS]
    assert video.evaluate("(video) => video.videoWidth") in (256, 128)
    # Sound is a playlist of its own.
    assert video.evaluate("(video) => video.webkitAudioDecodedByteCount") > 0
    assert [url for url in asked if "/stream-" in url]
    assert member.barriers() == []
    member.picture("job-hls")
    video.evaluate(f"(video) => {{ video.currentTime = {SECONDS - 0.5}; return video.play(); }}")
    member.until("document.querySelector('video').ended")


def test_a_link_that_has_ended_is_asked_for_anew(member: Visit, tenant: Tenant) -> None:
    job_id = tenant.submit(CLIP, _package())
    tenant.wait(job_id)
    member.expect_trouble("status of 403")
    ended = ["**/init-*.mp4*"]
    member.page.route(
        ended[0], lambda route: route.fulfill(status=403, headers={"Access-Control-Allow-Origin": "*"})
    )
    member.open(f"/jobs/{job_id}")
    member.button("Play “50% of #1/master.m3u8”").click()
    again = member.button("Get a new link")
    expect(again).to_be_visible()
    member.page.unroute(ended[0])
    again.click()
    member.until("document.querySelector('video')?.currentTime > 0.5")


def _segments(*lines: str) -> str:
    return "\n".join(["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-TARGETDURATION:1", *lines, "#EXT-X-ENDLIST", ""])


def test_what_is_none_of_the_jobs_files_is_not_fetched(
    member: Visit, tenant: Tenant, stack: RunningStack
) -> None:
    with listen() as (port, hits):
        foreign, own = f"http://127.0.0.1:{port}/a.mp4", f"{stack.url}/jobs"
        playlists = {
            "segment.m3u8": _segments("#EXTINF:1,", foreign),
            "start.m3u8": _segments(f'#EXT-X-MAP:URI="{own}"', "#EXTINF:1,", "segment.m3u8"),
            "key.m3u8": _segments(f'#EXT-X-KEY:METHOD=AES-128,URI="{foreign}"', "#EXTINF:1,", "key.m3u8"),
            # What only looks as if it lay beside the playlist.
            "beside.m3u8": _segments("#EXTINF:1,", "../../%2e%2e/jobs%"),
            "master.m3u8": "\n".join(
                [
                    "#EXTM3U",
                    f'#EXT-X-CONTENT-STEERING:SERVER-URI="{foreign}"',
                    f'#EXT-X-SESSION-KEY:METHOD=AES-128,URI="{foreign}"',
                    f'#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="a",DEFAULT=YES,URI="{own}"',
                    '#EXT-X-STREAM-INF:BANDWIDTH=100000,AUDIO="a"',
                    foreign,
                ]
            ),
        }

        def give(handler: Handler) -> None:
            handler.answer(200, playlists[handler.path.strip("/")].encode())

        with serve({f"/{name}": give for name in playlists}) as server:
            job_id = tenant.submit(get(*(server.url(f"/{name}") for name in playlists)))
            job = tenant.wait(job_id)
        assert job["status"] == "Success", job["error"]
        member.open(f"/jobs/{job_id}")
        asked = _asked(member)
        for name in playlists:
            member.button(f"Play {name}").click()
            expect(member.page.get_by_text(f"“{name}” cannot be played")).to_be_visible()
        ours = (f"{stack.url}/console/assets/", f"{stack.url}/jobs/{job_id}")
        assert [url for url in asked if not url.startswith(ours) and "X-Amz-Signature=" not in url] == []
    assert hits == []

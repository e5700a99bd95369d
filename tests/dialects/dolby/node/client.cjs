// Everything that the vendor's Node client can do with media; what it was told goes to stdout as JSON.
const { media } = require("@dolbyio/dolbyio-rest-apis-client");

const { APP_KEY, APP_SECRET, INPUT, OUTPUT } = process.env;

async function ended(api, token, jobId) {
  for (;;) {
    const answer = await api.getResults(token, jobId);
    if (!["Pending", "Running"].includes(answer.status)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

async function main() {
  const told = {};
  const token = await media.authentication.getApiAccessToken(APP_KEY, APP_SECRET, 600);
  told.token = { ...token, access_token: "" };

  await media.io.uploadFile(token, "dlb://node/in.mp4", INPUT);
  told.job_id = await media.transcode.start(
    token,
    JSON.stringify({
      inputs: [{ source: "dlb://node/in.mp4" }],
      outputs: [{ id: "small", destination: "dlb://node/out.mp4", kind: "mp4", video: { height: 36 } }],
    })
  );
  told.transcode = await ended(media.transcode, token, told.job_id);
  await media.io.downloadFile(token, "dlb://node/out.mp4", OUTPUT);

  told.page = await media.jobs.list(token, { status: "Success" });
  told.all = await media.jobs.listAll(token, { submitted_after: "2021-08-10T00:00:00Z" });

  const diagnosis = await media.diagnose.start(token, JSON.stringify({ input: "dlb://node/in.mp4" }));
  told.diagnose = await ended(media.diagnose, token, diagnosis);
  told.late = await media.jobs.cancel(token, diagnosis).catch((reason) => String(reason));

  const failing = await media.enhance.start(token, JSON.stringify({ input: "dlb://no", output: "dlb://out" }));
  told.failed = await ended(media.enhance, token, failing);
  told.unsupported = await media.analyzeSpeech.start(token, "{}").catch((reason) => String(reason));

  const webhook = await media.webhooks.registerWebhook(token, "https://hooks.example.com/node", { "X-Mine": "1" });
  await media.webhooks.updateWebhook(token, { webhookId: webhook, url: "https://hooks.example.com/other" });
  told.webhook = await media.webhooks.retrieveWebhook(token, webhook);
  told.deleted = (await media.webhooks.deleteWebhook(token, webhook)) === webhook;
  console.log(JSON.stringify(told));
}

main().catch((reason) => {
  console.error(reason);
  process.exit(1);
});

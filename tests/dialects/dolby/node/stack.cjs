// The client speaks to port 443 of the vendor's hosts. As a line in /etc/hosts and a port forwarding would, this
// leads all of them to the stack.
const https = require("node:https");

const { hostname, port } = new URL(process.env.STACK_URL);
const request = https.request;

https.request = (target, ...rest) =>
  typeof target === "string" ? request(target, ...rest) : request({ ...target, hostname, host: hostname, port }, ...rest);

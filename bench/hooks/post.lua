-- Posts signed events, each with an id of its own. BENCH_SIGNED: lines "id customer signature-header";
-- BENCH_BODY: the body with @EVENT@ and @CUSTOMER@ in it.
local lines, n, wrapped = {}, 0, 0
for line in io.lines(os.getenv("BENCH_SIGNED")) do lines[#lines + 1] = line end
local file = io.open(os.getenv("BENCH_BODY")); local body = file:read("*a"); file:close()

request = function()
  n = n + 1
  if n > #lines then n = 1; wrapped = wrapped + 1 end
  local event, customer, signature = lines[n]:match("(%S+) (%S+) (%S+)")
  local sent = body:gsub("@EVENT@", event):gsub("@CUSTOMER@", customer)
  return wrk.format("POST", nil, { ["Stripe-Signature"] = signature, ["Content-Type"] = "application/json" }, sent)
end

done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format("RESULT %d %d %d %d %d %d\n", summary.requests, summary.duration,
    errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end

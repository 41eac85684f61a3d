// Load test of POST /api/v1/generate (MISSION row O4): mixed English and Japanese prompts, all task types.
//
//   k6 run ops/k6/generate.js
//   BASE_URL=http://127.0.0.1:4000 API_KEY=... VUS=10 DURATION=30s SUMMARY=k6.json k6 run ops/k6/generate.js
//
// Bars: p95 under 10 s, errors under 1 %, mean confidence over 0.7. Exit status 99 when one is missed.
// Point it at gateways of your own only: every request costs what its vendors charge.
import http from 'k6/http';
import { check } from 'k6';
import { Counter, Rate, Trend } from 'k6/metrics';

const BASE_URL = (__ENV.BASE_URL || 'http://127.0.0.1:4000').replace(/\/+$/, '');
const API_KEY = __ENV.API_KEY || '';
const SUMMARY = __ENV.SUMMARY || '';

export const options = {
  vus: Number(__ENV.VUS || 10),
  duration: __ENV.DURATION || '30s',
  summaryTrendStats: ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max', 'count'],
  thresholds: {
    http_req_duration: ['p(95)<10000'],
    errors: ['rate<0.01'],
    consensus_confidence: ['avg>0.7'],
    // Keeps the mean honest: a run without any consensus has none to judge.
    consensuses: ['count>0'],
    checks: ['rate>0.99'],
  },
};

const errors = new Rate('errors');
const confidence = new Trend('consensus_confidence');
const consensuses = new Counter('consensuses');
const overhead = new Trend('overhead_ms');
const wallBounce = new Rate('srp_processed');

// Questions that real and simulated vendors alike can answer. On two of them (17 × 24, Turkey) the
// simulated ones disagree, and one is open: not every consensus is an easy one.
const PROMPTS = [
  'What is 17 + 25?',
  '38と47の和はいくつですか。',
  'What is the chemical symbol of gold?',
  '源氏物語の作者は誰ですか。',
  'What is 15% of 240?',
  '東海道新幹線が開業したのはいつですか。',
  'Who wrote the novel Frankenstein?',
  'トルコの首都はどこですか。',
  'On what date did humans first land on the Moon?',
  'Should a small team start with a monolith or with microservices?',
  'What is 17 times 24?',
];
// Of ten requests six are basic, three premium, one critical: dear questions are rare.
const TASK_TYPES = [
  'basic', 'basic', 'basic', 'basic', 'basic', 'basic', 'premium', 'premium', 'premium', 'critical',
];

const headers = { 'Content-Type': 'application/json' };
if (API_KEY) {
  headers.Authorization = `Bearer ${API_KEY}`;
}

export default function () {
  // Eleven prompts and ten task types: every pair comes up.
  const body = {
    prompt: PROMPTS[(__VU + __ITER) % PROMPTS.length],
    task_type: TASK_TYPES[(3 * __VU + __ITER) % TASK_TYPES.length],
    user_id: `k6-${__VU}-${__ITER % 50}`,
  };
  const response = http.post(`${BASE_URL}/api/v1/generate`, JSON.stringify(body), {
    headers,
    timeout: '70s',
    tags: { name: 'generate', task_type: body.task_type },
  });

  let answer = null;
  if (response.status === 200) {
    try {
      answer = response.json();
    } catch (error) {
      console.error(`200 that is not JSON: ${error}`);
    }
  }
  const answered = check(response, {
    'answers 200': () => response.status === 200,
    'the answer has content': () => answer !== null && typeof answer.content === 'string' && answer.content !== '',
    'the answer names its request': () => answer !== null && typeof answer.request_id === 'string',
  });
  errors.add(!answered);
  if (answer === null) {
    console.error(`${response.status} ${response.error || String(response.body).slice(0, 300)}`);
    return;
  }
  wallBounce.add(answer.srp_processed === true);
  if (answer.consensus) {
    confidence.add(answer.consensus.confidence);
    consensuses.add(1);
  }
  if (typeof answer.overhead_ms === 'number') {
    overhead.add(answer.overhead_ms);
  }
}

export function handleSummary(data) {
  const of = (metric, value) => (data.metrics[metric] ? data.metrics[metric].values[value] : null);
  const missed = Object.entries(data.metrics)
    .flatMap(([name, metric]) => Object.entries(metric.thresholds || {})
      .filter(([, threshold]) => !threshold.ok)
      .map(([expression]) => `${name}: ${expression}`));
  const summary = {
    requests: of('http_reqs', 'count'),
    requests_per_s: of('http_reqs', 'rate'),
    p50_ms: of('http_req_duration', 'med'),
    p95_ms: of('http_req_duration', 'p(95)'),
    p99_ms: of('http_req_duration', 'p(99)'),
    error_rate: of('errors', 'rate'),
    confidence_mean: of('consensus_confidence', 'avg'),
    confidence_count: of('consensuses', 'count'),
    overhead_p95_ms: of('overhead_ms', 'p(95)'),
    srp_share: of('srp_processed', 'rate'),
    thresholds_missed: missed,
  };
  const text = `${JSON.stringify(summary, null, 2)}\n`;
  const out = { stdout: text };
  if (SUMMARY) {
    out[SUMMARY] = text;
  }
  return out;
}

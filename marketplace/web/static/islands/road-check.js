// Where is the phone, and what does the QR code before its camera say?
//
// <form data-road-check> with the fields lat, lon, text; [data-place] says that the place is known;
// the button [data-scan] shows only where the browser can read QR codes, <video data-camera> is what it sees.

const form = document.querySelector("form[data-road-check]");
const field = (name) => form.elements.namedItem(name);
const scan = form.querySelector("[data-scan]");
const camera = form.querySelector("[data-camera]");
const EVERY_MS = 200;
let stream = null;

function locate() {
  navigator.geolocation?.getCurrentPosition(
    ({ coords }) => {
      field("lat").value = coords.latitude.toFixed(6);
      field("lon").value = coords.longitude.toFixed(6);
      const told = form.querySelector("[data-place]");
      told.textContent = told.dataset.known;
    },
    () => {},
    { maximumAge: 60000, timeout: 8000, enableHighAccuracy: true },
  );
}

function stop() {
  stream?.getTracks().forEach((track) => track.stop());
  stream = null;
  camera.hidden = true;
  [scan.textContent, scan.dataset.stop] = [scan.dataset.stop, scan.textContent];
}

async function look(detector) {
  if (!stream) return;
  const [found] = await detector.detect(camera).catch(() => []);
  if (!found) return void setTimeout(() => look(detector), EVERY_MS);
  stop();
  field("text").value = found.rawValue.replaceAll("\n", " ");
  form.requestSubmit();
}

async function start() {
  const detector = new window.BarcodeDetector({ formats: ["qr_code"] });
  try {
    stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  } catch {
    scan.hidden = true; // no camera, or not allowed: the text can be typed
    return;
  }
  camera.srcObject = stream;
  camera.hidden = false;
  await camera.play();
  [scan.textContent, scan.dataset.stop] = [scan.dataset.stop, scan.textContent];
  look(detector);
}

async function offer() {
  const kinds = (await window.BarcodeDetector?.getSupportedFormats?.()) || [];
  if (!kinds.includes("qr_code") || !navigator.mediaDevices) return;
  scan.hidden = false;
  scan.addEventListener("click", () => (stream ? stop() : start()));
}

locate();
offer();

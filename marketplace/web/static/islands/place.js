// Fills the place of the phone into a form that may say where it was sent from; without one it goes as it is.

const form = document.querySelector("[data-place]");
if (form && navigator.geolocation) {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      form.elements.lat.value = coords.latitude.toFixed(6);
      form.elements.lon.value = coords.longitude.toFixed(6);
      form.querySelector("[data-place-known]").hidden = false;
    },
    () => {},
    { enableHighAccuracy: true, timeout: 8000, maximumAge: 30000 },
  );
}

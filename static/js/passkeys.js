// Passkeys on the pages of sign-in: shows the form that needs this script, and hands it to django-allauth's own.
const form = document.querySelector('form.passkey')
const button = form.querySelector('[data-passkey]')
const error = form.querySelector('.passkey-error')
button.id = 'passkey-button'
form.hidden = !window.PublicKeyCredential
document.querySelectorAll('.passkey-missing').forEach((text) => { text.hidden = !form.hidden })
document.addEventListener('allauth.error', (event) => { event.preventDefault(); error.hidden = false })
button.addEventListener('click', () => { error.hidden = true })
const ids = { credential: 'id_credential', data: 'passkey-data', add: button.id, authenticate: button.id }
window.allauth.webauthn.forms[button.dataset.passkey]({ ids })

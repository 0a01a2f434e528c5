// Words in another language, <em lang="it">, keep their language when their text is edited.
import { Italic as Base } from "django-prose-editor/editor";

export const Italic = Base.extend({
  addAttributes: () => ({ lang: { default: null } }),
});

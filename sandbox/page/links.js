// What a URL means inside the messenger: a deep link into the bot, "share", or the world outside.

const outsideSchemes = new Set(["http:", "https:", "mailto:", "tel:", "tg:"]);

export function readLink(text, botUsername) {
  let url;
  try {
    url = new URL(/^[a-z][a-z+.-]*:/i.test(text) && !/^[\w.-]+:\d/.test(text) ? text : `https://${text}`);
  } catch {
    return { kind: "none" };
  }
  if (!outsideSchemes.has(url.protocol)) return { kind: "none" };
  const inside = /^(www\.)?(t|telegram)\.(me|dog)$/.test(url.host);
  const path = url.pathname.slice(1).replace(/\/$/, "");
  const name = url.protocol === "tg:" ? url.searchParams.get("domain") : inside ? path : null;
  if (inside && path === "share/url") {
    const said = [url.searchParams.get("url"), url.searchParams.get("text")];
    return { kind: "share", href: url.href, text: said.filter(Boolean).join("\n") };
  }
  if (name && botUsername && name.toLowerCase() === botUsername.toLowerCase()) {
    // The control API wants the long form, whatever was written.
    const href = `https://t.me/${botUsername}`;
    for (const kind of ["startgroup", "start"]) {
      const value = url.searchParams.get(kind);
      if (value !== null) return { kind, href: `${href}?${kind}=${encodeURIComponent(value)}` };
    }
    return { kind: "bot", href };
  }
  return url.protocol === "tg:" ? { kind: "none" } : { kind: "outside", href: url.href };
}

"""Scripts for a page, run before its own: what is on the way between it and the server takes long."""

FIRST_CHANGE_IS_SLOW = """
  const fetched = window.fetch;
  let changes = 0;
  window.fetch = async (path, more) => {
    if (more?.method === "PATCH" && changes++ === 0) await new Promise((done) => setTimeout(done, 600));
    return fetched(path, more);
  };
"""
NEWS_IS_LATE = """
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (name, listener) {
    const later = (event) => setTimeout(() => listener(event), 700);
    return listen.call(this, name, name === "settings" ? later : listener);
  };
"""

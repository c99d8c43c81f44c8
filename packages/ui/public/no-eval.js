// zod would compile its checks with `new Function`, and finds out whether it may by trying: our content security policy
// forbids that, and every page would report it. zod reads its settings from here when it starts.
globalThis.__zod_globalConfig = { jitless: true };

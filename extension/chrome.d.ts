/** What of the browser's extension interface is used here. */
declare namespace chrome {
  interface Tab {
    id?: number;
    url?: string;
  }
  interface MessageSender {
    id?: string;
    origin?: string;
    url?: string;
    tab?: Tab;
    frameId?: number;
    documentId?: string;
  }
  interface Event<Listener extends Function> {
    addListener(listener: Listener): void;
  }
  interface Port {
    readonly sender?: MessageSender;
    readonly onMessage: Event<(message: any) => void>;
    readonly onDisconnect: Event<() => void>;
    postMessage(message: unknown): void;
    disconnect(): void;
  }
  interface StorageArea {
    get(key: string): Promise<Record<string, any>>;
    set(values: Record<string, unknown>): Promise<void>;
    setAccessLevel(level: { accessLevel: "TRUSTED_CONTEXTS" }): Promise<void>;
  }
  interface ContentScript {
    id: string;
    matches: string[];
    js: string[];
    allFrames: boolean;
    runAt: "document_start";
    world: "ISOLATED" | "MAIN";
  }
  namespace runtime {
    const id: string;
    const onMessage: Event<
      (message: any, sender: MessageSender, respond: (answer: unknown) => void) => boolean | void
    >;
    const onConnect: Event<(port: Port) => void>;
    const onInstalled: Event<() => void>;
    const onStartup: Event<() => void>;
    function getURL(path: string): string;
    function sendMessage(message: unknown): Promise<any>;
    function connect(info: { name: string }): Port;
    function getPlatformInfo(): Promise<unknown>;
  }
  namespace storage {
    const local: StorageArea;
    const session: StorageArea;
    const onChanged: Event<(changes: Record<string, unknown>, area: string) => void>;
  }
  namespace scripting {
    function getRegisteredContentScripts(): Promise<ContentScript[]>;
    function registerContentScripts(scripts: ContentScript[]): Promise<void>;
    function updateContentScripts(scripts: ContentScript[]): Promise<void>;
    function unregisterContentScripts(filter: { ids: string[] }): Promise<void>;
  }
  namespace permissions {
    const onAdded: Event<() => void>;
    const onRemoved: Event<() => void>;
    function contains(permissions: { origins: string[] }): Promise<boolean>;
    function request(permissions: { origins: string[] }): Promise<boolean>;
    function remove(permissions: { origins: string[] }): Promise<boolean>;
  }
  namespace tabs {
    const onRemoved: Event<(tabId: number) => void>;
    function query(query: { url: string[] }): Promise<Tab[]>;
    function create(tab: { url: string }): Promise<Tab>;
    function reload(tabId: number): Promise<void>;
    function sendMessage(tabId: number, message: unknown): Promise<unknown>;
  }
  namespace action {
    const openPopup: (() => Promise<void>) | undefined;
    function setBadgeText(badge: { text: string }): Promise<void>;
    function setBadgeBackgroundColor(badge: { color: string }): Promise<void>;
    function setBadgeTextColor(badge: { color: string }): Promise<void>;
    function setTitle(title: { title: string }): Promise<void>;
  }
  namespace commands {
    const onCommand: Event<(command: string) => void>;
    function getAll(): Promise<{ name?: string; shortcut?: string }[]>;
  }
}

/** Of the user agent's hints, which TypeScript's library does not have. */
interface Navigator {
  readonly userAgentData?: { brands?: { brand: string; version: string }[]; platform?: string };
}

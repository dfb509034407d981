/** How to register and log in to an API, by its document. */
export interface Api {
  api: string;
  /** Where to register, and with which body. */
  register: (account: Credentials) => [path: string, body: object];
  /** Where to log in, the field that takes a username or an email, and the status of a wrong password. */
  login: [path: string, field: string, refusal: number];
  /** Where the caller's profile is. */
  me: string;
}

/** What a user logs in with. */
export interface Credentials {
  username: string;
  email: string;
  password: string;
}

/** The five documented APIs. */
export const apis: Api[] = [
  {
    api: "messenger",
    register: (account) => ["/api/auth/register/", account],
    login: ["/api/auth/login/", "username", 401],
    me: "/api/users/me/",
  },
  {
    api: "social",
    register: (account) => ["/accounts/api/users/", account],
    login: ["/accounts/api/token/", "username", 401],
    me: "/profiles/api/profile/",
  },
  {
    api: "mini-chat",
    register: (account) => ["/api/auth/register/", { ...account, password_confirm: account.password }],
    login: ["/api/auth/login/", "username", 400],
    me: "/api/auth/me/",
  },
  {
    api: "conversations",
    // Without a username, which is made from the email.
    register: ({ email, password }) => [
      "/api/auth/registration/",
      { email, first_name: "Ann", last_name: "Lee", password1: password, password2: password },
    ],
    login: ["/api/auth/login/", "email", 400],
    me: "/api/auth/user/",
  },
  {
    api: "chat-sessions",
    register: (account) => ["/api/v1/auth/register/", { ...account, confirm_password: account.password }],
    login: ["/api/v1/auth/login/", "username", 400],
    me: "/api/v1/auth/profile/",
  },
];

/** Where users sign in with a name and a password, and the status of a wrong password: the five, and Parley's own. */
export const logins = new Map([
  ...apis.map(({ api, login: [path, , refusal] }) => [`${api}${path}`, refusal] as const),
  ["accounts/api/sign-in/", 401] as const,
]);

/** Every function with an OpenAPI document: the five, and Parley's own. */
export const functions = [...apis.map(({ api }) => api), "assistant", "accounts", "jobs"].map((api) => ({ api }));

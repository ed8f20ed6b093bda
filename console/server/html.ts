/** The page, which `/page.js` fills. The token is there only where all on the machine may do what it allows. */
export const pageHtml = (token?: string): string => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${token === undefined ? '' : `<meta name="console-token" content="${token}">\n`}<title>goim-job</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body><div id="app"></div><noscript>The console needs JavaScript.</noscript></body>
</html>
`;

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0f766e"/><g fill="none" stroke="#fff" stroke-width="2.4" stroke-linecap="round"><path d="M7 16h6"/><path d="M13 16c5 0 5-7 10-7"/><path d="M13 16h10"/><path d="M13 16c5 0 5 7 10 7"/></g></svg>
`;

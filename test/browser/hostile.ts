/** What would run, or break out of where it stands, if it were taken for anything but text. */
export const HOSTILE = '<img src=x onerror=alert(1)>"\'><script>alert(2)</script>';

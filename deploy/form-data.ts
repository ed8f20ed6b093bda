/** Stands in for the package `form-data` in the bundles. */
export default globalThis.FormData;

/** The release of Parley that these sources are. A database of the same major release serves them. It imports nothing. */
export const RELEASE = "1.0.0";

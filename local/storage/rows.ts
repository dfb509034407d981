/** A row of `storage.buckets`. */
export interface Bucket {
  id: string;
  public: boolean;
  /** A bigint, which the driver reads as text. */
  file_size_limit: string | null;
  allowed_mime_types: string[] | null;
}

/** What is known about the content of an object, in the shape that the platform keeps. */
export interface Metadata {
  eTag: string;
  size: number;
  mimetype: string;
  cacheControl: string;
  lastModified: string;
  contentLength: number;
  httpStatusCode: number;
}

/** A row of `storage.objects`. Rows that SQL has inserted may lack metadata and a version. */
export interface StoredObject {
  id: string;
  name: string;
  bucket_id: string;
  version: string | null;
  metadata: Partial<Metadata> | null;
  user_metadata: Record<string, unknown> | null;
  created_at: Date;
  updated_at: Date;
}

/** A place in a bucket. */
export interface Place {
  bucket: string;
  name: string;
}
